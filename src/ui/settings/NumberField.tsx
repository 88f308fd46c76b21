import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { formatCount } from '../format.ts';
import { parseNumber, RANGES, type NumberSetting } from '../../state/settings.ts';
import { useApp } from '../app-context.ts';
import { settings as words } from '../later-words.ts';

/** One number. What was typed stays in view while it is not a value; the setting keeps its last one. */
export function NumberField({ setting }: { readonly setting: NumberSetting }) {
  const { settings } = useApp();
  const id = useId();
  const refused = useSignal<string | null>(null);
  const { name, hint } = words.numbers[setting];
  const { least, most, step } = RANGES[setting];
  const isWhole = step >= 1;
  const current = settings.current.value[setting];
  const isInvalid = refused.value !== null;
  const rule = isWhole ? words.wholeOutOfRange : words.outOfRange;

  const take = (typed: string) => {
    if (setting === 'seed' && typed.trim() === '') {
      refused.value = null;
      settings.change({ seed: null });
      return;
    }
    const value = parseNumber(setting, typed);
    refused.value = value === null ? typed : null;
    if (value !== null) settings.change({ [setting]: value });
  };

  return (
    <div class="settings__field settings__field--number">
      <label for={id}>{name}</label>
      <input
        class="settings__input"
        id={id}
        type="text"
        inputmode={isWhole ? 'numeric' : 'decimal'}
        autocomplete="off"
        aria-describedby={`${id}-hint`}
        aria-invalid={isInvalid}
        value={refused.value ?? (current === null ? '' : String(current))}
        onInput={(event) => take(event.currentTarget.value)}
        onBlur={() => (refused.value = null)}
      />
      <p
        class={isInvalid ? 'settings__hint settings__hint--wrong' : 'settings__hint'}
        id={`${id}-hint`}
      >
        {isInvalid ? rule(formatNumber(least), formatNumber(most)) : hint}
      </p>
    </div>
  );
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(value);
}
