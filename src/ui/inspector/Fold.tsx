import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

interface FoldProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

/** Something that unfolds below its name; in the page only while it is open. */
export function Fold({ name, children }: FoldProps) {
  const isOpen = useSignal(false);
  return (
    <details class="xray__fold" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>{name}</summary>
      {isOpen.value && children}
    </details>
  );
}
