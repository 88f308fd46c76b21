import type { FigureEntry } from './FigureList.tsx';
import './figure.css';

/** One number on one line; its definition opens below, by mouse, finger or keyboard. */
export function Figure({ name, value, definition }: FigureEntry) {
  return (
    <details class="figure">
      <summary class="figure__line">
        <span class="figure__name">{name}</span>
        <span class="figure__value">{value}</span>
      </summary>
      <p class="figure__definition">{definition}</p>
    </details>
  );
}
