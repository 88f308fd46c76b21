import { useComputed, type ReadonlySignal } from '@preact/signals';
import { formatRate } from '../format.ts';
import { units } from '../words.ts';
import './token-rate.css';

/**
 * Live decoding speed. It changes with every token, so the number is bound as a
 * signal: this function runs once and only the text node moves. Silent for
 * screen readers on purpose; the finished answer announces its final figure.
 */
export function TokenRate({ perSecond }: { readonly perSecond: ReadonlySignal<number | null> }) {
  const text = useComputed(() => formatRate(perSecond.value));
  return (
    <p class="token-rate" aria-live="off">
      <span class="token-rate__value">{text}</span> {units.perSecond}
    </p>
  );
}
