/** What reading Markdown takes, as one part that is fetched when the first answer is shown. */
export { Blocks } from './Blocks.tsx';
export { GrowingMarkdown, parseMarkdown } from './parse-markdown.ts';
