import { useId } from 'preact/hooks';
import './choice.css';

interface ChoiceProps {
  readonly type: 'radio' | 'checkbox';
  /** Of the group that a radio button belongs to. */
  readonly name?: string;
  readonly label: string;
  /** What it means, below it. */
  readonly hint: string;
  readonly isChosen: boolean;
  readonly isPossible?: boolean;
  readonly onChange: (isChosen: boolean) => void;
}

/** One thing that may be chosen, and what it means. */
export function Choice(props: ChoiceProps) {
  const { type, name, label, hint, isChosen, isPossible = true, onChange } = props;
  const id = useId();
  return (
    <div class="choice">
      <input
        type={type}
        id={id}
        name={name}
        checked={isChosen}
        disabled={!isPossible}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      <p class="choice__hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}
