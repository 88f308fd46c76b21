import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';

interface TextFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly rows: number;
  readonly onChange: (text: string) => void;
}

/** Several lines of text. While it is edited it shows what was typed, whatever that is read as. */
export function TextField({ label, hint, value, rows, onChange }: TextFieldProps) {
  const id = useId();
  const typed = useSignal<string | null>(null);
  return (
    <div class="settings__field">
      <label for={id}>{label}</label>
      <textarea
        class="settings__input"
        id={id}
        rows={rows}
        aria-describedby={`${id}-hint`}
        value={typed.value ?? value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          onChange(event.currentTarget.value);
        }}
        onBlur={() => (typed.value = null)}
      />
      <p class="settings__hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}
