import { Icon, type IconName } from '../parts/Icon.tsx';
import './turn-actions.css';

interface TurnButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
}

/** A small, quiet button under what was said. */
export function TurnButton({ icon, label, isDisabled = false, onClick }: TurnButtonProps) {
  return (
    <button
      class="turn-actions__button"
      type="button"
      aria-label={label}
      title={label}
      aria-disabled={isDisabled}
      onClick={() => !isDisabled && onClick()}
    >
      <Icon name={icon} />
    </button>
  );
}
