/** The prompts of the writing tools: a file each in prompts/, and what the person made of them. */
import type { AppState } from '../../state/app-state.ts';
import { createWritingPrompts, type WritingPrompts } from '../../state/writing-prompts.ts';
import explainCode from './prompts/explain-code.md?raw';
import formal from './prompts/formal.md?raw';
import friendlier from './prompts/friendlier.md?raw';
import shorter from './prompts/shorter.md?raw';
import summarise from './prompts/summarise.md?raw';
import toChinese from './prompts/to-chinese.md?raw';
import toEnglish from './prompts/to-english.md?raw';

const ORIGINALS = {
  summarise,
  shorter,
  friendlier,
  formal,
  'to-english': toEnglish,
  'to-chinese': toChinese,
  'explain-code': explainCode,
};

const made = new WeakMap<AppState, WritingPrompts>();

/** One for each page. */
export function writingPromptsOf(app: AppState): WritingPrompts {
  const known = made.get(app) ?? createWritingPrompts(app.bench.notes, ORIGINALS);
  made.set(app, known);
  return known;
}
