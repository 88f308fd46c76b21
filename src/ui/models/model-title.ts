import { models } from '../words.ts';

/** As models/guide-entry.ts calls the guide, and conversations of every version have it. */
const GUIDE = 'Guide';

/** What a model is called: the guide in the page's language, any other as its publisher calls it. */
export function modelTitle(title: string): string {
  return title === GUIDE ? models.guide : title;
}
