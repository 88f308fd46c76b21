/** What the page says at first, group by group, in the language of the moment; the words themselves are in words/. */
import { firstGroup } from './spoken.ts';

export const NAME = 'Offgrid';

export const joints = firstGroup('joints');
export const page = firstGroup('page');
export const models = firstGroup('models');
export const fits = firstGroup('fits');
export const transfers = firstGroup('transfers');
export const phases = firstGroup('phases');
export const failures = firstGroup('failures');
export const suggestions = firstGroup('suggestions');
export const chat = firstGroup('chat');
export const markdown = firstGroup('markdown');
export const answerLine = firstGroup('answerLine');
export const figures = firstGroup('figures');
export const units = firstGroup('units');
export const rungs = firstGroup('rungs');
export const announcements = firstGroup('announcements');
