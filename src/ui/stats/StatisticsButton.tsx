import { useComputed } from '@preact/signals';
import { formatRate } from '../format.ts';
import { useApp } from '../app-context.ts';
import { openSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { page, units } from '../words.ts';
import './statistics-button.css';

/** On phones: opens the statistics and is itself the smallest gauge. Wide screens have the panel. */
export function StatisticsButton() {
  const { speedometer } = useApp();
  const text = useComputed(() => formatRate(speedometer.perSecond.value));
  return (
    <button
      class="button button--quiet statistics-button"
      type="button"
      onClick={() => (openSheet.value = 'statistics')}
    >
      <Icon name="gauge" />
      <span class="visually-hidden">{page.statistics}</span>
      <span class="statistics-button__value">
        <span class="token-rate__value">{text}</span> {units.perSecond}
      </span>
    </button>
  );
}
