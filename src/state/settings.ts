import { computed, signal, type ReadonlySignal } from '@preact/signals-core';
import type { Sampling } from '../contract/engine.ts';
import type { Notes } from './dependencies.ts';

/** How the next answer is made. */
export interface Settings extends Omit<Sampling, 'seed'> {
  /** Said to the model before the conversation; empty says nothing. */
  readonly systemPrompt: string;
  /** Null draws a fresh one for every answer. */
  readonly seed: number | null;
  readonly maxNewTokens: number;
  readonly stopStrings: readonly string[];
  /** Prompt plus reply, in tokens; takes effect when the model is loaded. */
  readonly contextTokens: number;
}

/**
 * For any Qwen2.5 model. Sampling as in `generation_config.json` of Qwen2.5-0.5B-Instruct (temperature 0.7, top-p 0.8, top-k 20,
 * repetition penalty 1.1), system prompt as its authors' examples without the name.
 */
export const RECOMMENDED: Settings = {
  systemPrompt: 'You are a helpful assistant.',
  temperature: 0.7,
  topK: 20,
  topP: 0.8,
  minP: 0,
  repetitionPenalty: 1.1,
  seed: null,
  maxNewTokens: 1024,
  stopStrings: [],
  contextTokens: 4096,
};

export type NumberSetting =
  | 'temperature'
  | 'topK'
  | 'topP'
  | 'minP'
  | 'repetitionPenalty'
  | 'seed'
  | 'maxNewTokens'
  | 'contextTokens';

export interface Range {
  readonly least: number;
  readonly most: number;
  readonly step: number;
}

/** What the engine accepts; whole numbers where `step` is 1 or more. */
export const RANGES: Record<NumberSetting, Range> = {
  temperature: { least: 0, most: 5, step: 0.05 },
  topK: { least: 0, most: 1000, step: 1 },
  topP: { least: 0.01, most: 1, step: 0.01 },
  minP: { least: 0, most: 1, step: 0.01 },
  repetitionPenalty: { least: 0.5, most: 3, step: 0.05 },
  seed: { least: 0, most: 0xffff_ffff, step: 1 },
  maxNewTokens: { least: 1, most: 32_768, step: 1 },
  contextTokens: { least: 256, most: 32_768, step: 1 },
};

/**
 * Each conversation has its own; one that is new begins with what was set last. How large the context is belongs to the
 * device, and is the same for all.
 */
export interface SettingsStore {
  /** What is recommended for the model in use, with the person's own changes for the conversation on screen. */
  readonly current: ReadonlySignal<Settings>;
  /** These changes. */
  readonly changes: ReadonlySignal<Partial<Settings>>;
  readonly change: (part: Partial<Settings>) => void;
  /** Takes all changes back. */
  readonly reset: () => void;
  /** Puts the changes of another conversation in force; null: those of a new one. */
  readonly adopt: (changes: Partial<Settings> | null) => void;
}

const NOTE = 'offgrid.settings';

/** @param recommended for the model in use; may read signals */
export function createSettings(notes: Notes, recommended: () => Settings): SettingsStore {
  const forNew = signal(parseChanges(notes.read(NOTE)));
  const own = signal<Partial<Settings> | null>(null);
  const changes = computed(() => {
    if (own.value === null) return forNew.value;
    const { contextTokens } = forNew.value;
    return { ...own.value, ...(contextTokens === undefined ? {} : { contextTokens }) };
  });
  function putForNew(changed: Partial<Settings>): void {
    forNew.value = changed;
    notes.write(NOTE, JSON.stringify({ version: 2, ...changed }));
  }
  return {
    current: computed(() => ({ ...recommended(), ...changes.value })),
    changes,
    change(part) {
      const changed = (before: Partial<Settings>) => without(recommended(), { ...before, ...part });
      if (own.peek() !== null) own.value = changed(changes.peek());
      putForNew(changed(forNew.peek()));
    },
    reset() {
      if (own.peek() !== null) own.value = {};
      putForNew({});
    },
    adopt(adopted) {
      if (adopted === null) own.value = null;
      else {
        const { contextTokens: _, ...ofConversation } = adopted;
        own.value = ofConversation;
      }
    },
  };
}

/** What differs: a setting that is back at the recommended value follows the recommendation again. */
function without(recommended: Settings, settings: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) =>
        JSON.stringify(value) !== JSON.stringify(recommended[name as keyof Settings]),
    ),
  );
}

/** What was typed, as a value of that setting; null when it is not one. */
export function parseNumber(setting: NumberSetting, typed: string): number | null {
  if (typed.trim() === '') return null;
  const value = Number(typed);
  return isAllowed(setting, value) ? value : null;
}

/** One stop string a line; `\n` and `\t` stand for a line break and a tab. */
export function parseStopStrings(typed: string): readonly string[] {
  return typed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('\\n', '\n').replaceAll('\\t', '\t'));
}

export function printStopStrings(stopStrings: readonly string[]): string {
  return stopStrings.map((text) => text.replaceAll('\n', '\\n').replaceAll('\t', '\\t')).join('\n');
}

/**
 * What a person changed, as any version wrote it; fields that are out of range or of another type are left out.
 * Version 1 wrote all settings down, so that what it recommended says nothing.
 */
export function parseChanges(json: string | null): Partial<Settings> {
  return readChanges(readObject(json));
}

/** The same for a value that was parsed already. */
export function readChanges(found: Readonly<Record<string, unknown>>): Partial<Settings> {
  const changes: { -readonly [S in keyof Settings]?: Settings[S] } = {};
  for (const setting of Object.keys(RANGES) as NumberSetting[]) {
    const value = found[setting];
    if (typeof value === 'number' && isAllowed(setting, value)) changes[setting] = value;
  }
  const { systemPrompt, stopStrings } = found;
  if (typeof systemPrompt === 'string') changes.systemPrompt = systemPrompt;
  if (Array.isArray(stopStrings) && stopStrings.every((text) => typeof text === 'string')) {
    changes.stopStrings = stopStrings.filter((text) => text !== '');
  }
  return found['version'] === 1 ? without(RECOMMENDED, changes) : changes;
}

function isAllowed(setting: NumberSetting, value: number): boolean {
  const { least, most, step } = RANGES[setting];
  return value >= least && value <= most && (step < 1 || Number.isInteger(value));
}

function readObject(json: string | null): Record<string, unknown> {
  if (json === null) return {};
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // another version, or another page on this origin: begin with none
  }
}
