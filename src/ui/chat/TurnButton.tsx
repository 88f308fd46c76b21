import { Icon, type IconName } from '../parts/Icon.tsx';
import './turn-actions.css';

interface TurnButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly isDisabled?: boolean;
  /** Of a button that stays in. */
  readonly isPressed?: boolean;
  readonly onClick: () => void;
}

/** A small, quiet button under what was said. */
export function TurnButton({
  icon,
  label,
  isDisabled = false,
  isPressed,
  onClick,
}: TurnButtonProps) {
  return (
    <button
      class="turn-actions__button"
      type="button"
      data-icon={icon}
      aria-label={label}
      title={label}
      aria-disabled={isDisabled}
      aria-pressed={isPressed}
      onClick={() => !isDisabled && onClick()}
    >
      <Icon name={icon} />
    </button>
  );
}
