/** What reading Markdown takes, with the eye and aloud, as one part that is fetched when the first answer is shown. */
export { GrowingMarkdown, parseMarkdown } from './parse-markdown.ts';
export { Parts } from './Parts.tsx';
export { ReadAloud } from '../speech/read-aloud.ts';
