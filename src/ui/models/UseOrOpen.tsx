import { Icon } from '../parts/Icon.tsx';
import { models as words } from '../words.ts';
import './model-choices.css';

interface UseOrOpenProps {
  readonly title: string;
  readonly isInUse: boolean;
  readonly onOpen: () => void;
}

/** The button that opens a model, or the word that it is open. */
export function UseOrOpen({ title, isInUse, onOpen }: UseOrOpenProps) {
  if (isInUse) {
    return (
      <span class="model-choices__in-use">
        <Icon name="check" />
        {words.inUse}
      </span>
    );
  }
  return (
    <button class="button" type="button" aria-label={words.openTitle(title)} onClick={onOpen}>
      {words.open}
    </button>
  );
}
