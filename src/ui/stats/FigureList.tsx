import type { ReadonlySignal } from '@preact/signals';
import './figure-list.css';

export interface FigureEntry {
  readonly name: string;
  /** With its unit. */
  readonly value: string | ReadonlySignal<string>;
  readonly definition: string;
}

/** Numbers with their definitions in view: for a place that was opened to read them. */
export function FigureList({ entries }: { readonly entries: readonly FigureEntry[] }) {
  return (
    <dl class="figure-list">
      {entries.map(({ name, value, definition }) => (
        <div class="figure-list__row" key={name}>
          <dt>{name}</dt>
          <dd class="figure-list__value">{value}</dd>
          <dd class="figure-list__definition">{definition}</dd>
        </div>
      ))}
    </dl>
  );
}
