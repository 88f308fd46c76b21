import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { Notes } from './dependencies.ts';

/** What one tap has done with a text, in the order in which it is offered. */
export const WRITING_TOOLS = [
  'summarise',
  'shorter',
  'friendlier',
  'formal',
  'to-english',
  'to-chinese',
  'explain-code',
] as const;
export type WritingTool = (typeof WRITING_TOOLS)[number];

export type Prompts = Readonly<Record<WritingTool, string>>;

/** What is said to the model with a text: as it comes with the page, or as the person changed it on this device. */
export interface WritingPrompts {
  readonly current: ReadonlySignal<Prompts>;
  readonly originals: Prompts;
  /** Longer ones are cut; an empty one is the original again. */
  readonly change: (tool: WritingTool, prompt: string) => void;
  readonly reset: (tool: WritingTool) => void;
}

/** Where the text goes in a prompt. */
export const PLACE = '{{text}}';
const MOST_CHARACTERS = 4000;
const NOTE = 'offgrid.writing-prompts';

export function createWritingPrompts(notes: Notes, originals: Prompts): WritingPrompts {
  const own = signal(parse(notes.read(NOTE)));
  const current = signal<Prompts>({ ...originals, ...own.value });

  function put(changed: Partial<Prompts>): void {
    own.value = changed;
    current.value = { ...originals, ...changed };
    const isNone = Object.keys(changed).length === 0;
    notes.write(NOTE, isNone ? null : JSON.stringify(changed));
  }

  function reset(tool: WritingTool): void {
    const { [tool]: _, ...rest } = own.value;
    put(rest);
  }

  return {
    current,
    originals,
    reset,
    change(tool, prompt) {
      if (prompt.trim() === '' || prompt === originals[tool]) reset(tool);
      else put({ ...own.value, [tool]: prompt.slice(0, MOST_CHARACTERS) });
    },
  };
}

/** The prompt with the text in its place; at its end where the prompt names none. What stands in the text is text. */
export function fillPrompt(prompt: string, text: string): string {
  const whole = prompt.includes(PLACE) ? prompt : `${prompt.trimEnd()}\n\n${PLACE}`;
  return whole.replaceAll(PLACE, () => text.trim()).trim();
}

/** Whether a draft looks like something to work on, not like a question: several lines, or long for its script. */
export function isPassage(draft: string): boolean {
  const text = draft.trim();
  const isHan = /\p{Script=Han}/u.test(text.slice(0, 200));
  return text.length >= (isHan ? 60 : 160) || text.split('\n').length > 2;
}

function parse(json: string | null): Partial<Prompts> {
  try {
    const found: unknown = JSON.parse(json ?? '{}');
    const entries = WRITING_TOOLS.flatMap((tool) => {
      const prompt: unknown = Reflect.get(Object(found), tool);
      return typeof prompt === 'string' && prompt.trim() !== ''
        ? [[tool, prompt.slice(0, MOST_CHARACTERS)] as const]
        : [];
    });
    return Object.fromEntries(entries);
  } catch {
    return {}; // of another page on this origin
  }
}
