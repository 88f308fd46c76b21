import { useSignal } from '@preact/signals';
import { chat as words } from '../words.ts';
import { TurnButton } from './TurnButton.tsx';

const SAYS_SO_MS = 2000;

/** Copies a text, and says for a moment that it did. */
export function CopyButton({ text }: { readonly text: string }) {
  const isCopied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    isCopied.value = true;
    setTimeout(() => (isCopied.value = false), SAYS_SO_MS);
  };
  return (
    <TurnButton
      icon={isCopied.value ? 'check' : 'copy'}
      label={isCopied.value ? words.copied : words.copy}
      onClick={() => void copy()}
    />
  );
}
