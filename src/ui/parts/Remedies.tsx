import { remediesFor, type Remedy } from '../../state/remedies.ts';
import type { AppError } from '../../contract/errors.ts';
import { useApp } from '../app-context.ts';
import { openSheet } from '../open-sheet.ts';
import { failures } from '../words.ts';

interface RemediesProps {
  readonly error: AppError;
  readonly onTryAgain: () => void;
}

/** The buttons that help after a failure, the most helpful one first. */
export function Remedies({ error, onTryAgain }: RemediesProps) {
  const { models, settings } = useApp();
  const act: Record<Remedy, () => void> = {
    'try-again': onTryAgain,
    repair: onTryAgain,
    'choose-another': () => {
      models.dismiss();
      openSheet.value = 'models';
    },
    'reload-page': () => location.reload(),
    'reset-settings': settings.reset,
  };
  return (
    <>
      {remediesFor(error.code).map((remedy) => (
        <button class="button" type="button" key={remedy} onClick={act[remedy]}>
          {failures.remedies[remedy]}
        </button>
      ))}
    </>
  );
}
