import { formatBytes } from '../format.ts';
import type { AppState } from '../../state/app-state.ts';
import { modelTitle } from './model-title.ts';
import { models as words, page } from '../words.ts';

/** What answers, as the header calls it. Reads signals. The guide is named with its size, which is the reason for its limits. */
export function modelName({ engine, models }: Pick<AppState, 'engine' | 'models'>): string {
  const { value } = engine;
  const { entry, answers } = models.guide;
  if (answers.value) return words.withSize(modelTitle(entry.title), formatBytes(entry.totalBytes));
  return value.type === 'idle' ? page.noModel : modelTitle(value.model.title);
}
