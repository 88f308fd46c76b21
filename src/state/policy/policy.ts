import { signal, type ReadonlySignal } from '@preact/signals-core';
import { AppError } from '../../contract/errors.ts';
import type { Clock, Notes } from '../dependencies.ts';
import type { Policy, Reason, Rule, Side } from './read-policy.ts';
import { ReplyGuard } from './reply-guard.ts';

/** What the host of this page has the page block or flag. */
export type PolicyState =
  | { readonly type: 'off' }
  | { readonly type: 'on'; readonly policy: Policy }
  /** Has a fault: nothing of it counts. */
  | { readonly type: 'refused'; readonly line: number; readonly reason: Reason }
  /** The host could not be asked, and has never told: nothing is answered before it has. */
  | { readonly type: 'unknown' };

/** That a rule matched. Holds nothing of what was said but the rule. */
export interface Decision {
  readonly at: string;
  readonly side: Side;
  readonly action: Rule['action'];
  readonly pattern: string;
}

export interface PolicyStore {
  readonly state: ReadonlySignal<PolicyState>;
  /** Of this visit, oldest first. They stay in this page. */
  readonly decisions: ReadonlySignal<readonly Decision[]>;
  /** Asks the host once, and again only while it has never told; settles when it is known what counts, or that it is not. */
  readonly read: () => Promise<void>;
  /** Looks at a question before the model does. @returns why it is not asked, or null */
  readonly checkPrompt: (text: string) => Promise<AppError | null>;
  /** Watches one reply; null where nothing is looked for. */
  readonly watchReply: () => ReplyWatch | null;
}

export interface ReplyWatch {
  /** @returns what may be shown of the reply so far, or why it is withheld */
  readonly look: (text: string, isWhole: boolean) => string | AppError;
}

/** What the host has for `policy.json`: null when it has none; `'unknown'` when it could not be asked, or did not answer in time. */
export type PolicyFile = { readonly json: string } | null | 'unknown';

const NOTE = 'offgrid.policy';
/** What is noted of a host that has no policy. */
const NONE = '{ "version": 1, "isOn": false }';
const MOST_DECISIONS = 200;

/** Off where the host says so. Without a network, what it said last counts; where it has never said anything, nothing is answered. */
export function createPolicy(needs: {
  readonly readPolicyFile: () => Promise<PolicyFile>;
  readonly notes: Notes;
  readonly clock: Clock;
}): PolicyStore {
  const { notes, clock } = needs;
  const state = signal<PolicyState>({ type: 'off' });
  const decisions = signal<readonly Decision[]>([]);
  let reading: Promise<void> | null = null;

  async function readNow(): Promise<void> {
    const file = await needs.readPolicyFile();
    const json = file === 'unknown' ? notes.read(NOTE) : (file?.json ?? NONE);
    if (json === null) {
      state.value = { type: 'unknown' };
      reading = null;
      return;
    }
    notes.write(NOTE, json);
    // As it comes with the page, it says that it is off: then nothing more is fetched to read it.
    const isPlainlyOff = /^\s*\{\s*"version": 1,\s*"isOn": false\s*\}\s*$/.test(json);
    state.value = isPlainlyOff
      ? { type: 'off' }
      : (await import('./read-policy.ts')).readPolicy(json);
  }

  function note(side: Side, found: readonly Rule[]): Rule | undefined {
    const at = clock.date();
    const made = found.map(({ action, pattern }) => ({ at, side, action, pattern }));
    if (made.length > 0) decisions.value = [...decisions.peek(), ...made].slice(-MOST_DECISIONS);
    return found.find(({ action }) => action === 'block');
  }

  function read(): Promise<void> {
    reading ??= readNow();
    return reading;
  }

  return {
    state,
    decisions,
    read,
    async checkPrompt(text) {
      await read();
      if (state.value.type === 'unknown')
        return new AppError('policy-unavailable', 'the host of the page did not tell its policy');
      if (state.value.type !== 'on') return null;
      const found = state.value.policy.rules.prompt.filter(({ match }) => match.test(text));
      return note('prompt', found) === undefined
        ? null
        : new AppError('withheld', 'a rule of the policy');
    },
    watchReply() {
      if (state.value.type !== 'on') return null;
      const guard = new ReplyGuard(state.value.policy.rules.reply);
      return {
        look(text, isWhole) {
          const { found, shown } = guard.look(text, isWhole);
          return note('reply', found) === undefined
            ? text.slice(0, shown)
            : new AppError('withheld', 'a rule of the policy');
        },
      };
    },
  };
}
