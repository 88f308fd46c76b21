/** The policy of a host: read, refused by line, and applied before anything is shown. */
import { effect } from '@preact/signals-core';
import { describe, expect, test } from 'vitest';
import { createAppState } from '../../src/state/app-state.ts';
import { fetchPolicyFile } from '../../src/state/policy/policy-file.ts';
import type { PolicyFile } from '../../src/state/policy/policy.ts';
import { readPolicy } from '../../src/state/policy/read-policy.ts';
import { ReplyGuard } from '../../src/state/policy/reply-guard.ts';
import { fakeDependencies, fakeNotes } from '../support/fake-dependencies.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeForm, fakeId, FakeStore, storedModel } from '../support/fake-store.ts';

const POLICY = JSON.stringify({
  version: 1,
  isOn: true,
  notice: { en: 'This site is moderated.' },
  prompt: { blocked: ['secret plan'], flagged: ['weather'] },
  reply: { blocked: ['is Paris'], flagged: ['capital'] },
});

async function appWith(
  file: PolicyFile | (() => PolicyFile | Promise<PolicyFile>),
  notes = fakeNotes(),
) {
  notes.write('offgrid.pinned-rung', 'wasm-int8');
  const engine = new FakeEngine();
  const store = new FakeStore([storedModel({ forms: [fakeForm(fakeId('a'), 'wasm-int8')] })]);
  const readPolicyFile = async () => (typeof file === 'function' ? file() : file);
  const app = createAppState(fakeDependencies({ engine, store, notes, readPolicyFile }));
  await app.models.start();
  return { app, engine };
}

describe('without a policy, or with one that is off', () => {
  test.each<[string, PolicyFile]>([
    ['none', null],
    ['one that is off', { json: '{ "version": 1, "isOn": false }\n' }],
  ])('(%s) everything is shown and nothing is noted', async (_what, file) => {
    const { app } = await appWith(file);

    await app.conversation.ask('A secret plan?');

    expect(app.policy.state.value.type).toBe('off');
    expect(app.policy.decisions.value).toEqual([]);
    expect(app.conversation.messages.value.at(-1)?.text).toBe('The capital is Paris.');
  });
});

describe('with a policy', () => {
  test('a blocked question never comes to the model, and the decision is noted without its words', async () => {
    const { app, engine } = await appWith({ json: POLICY });

    await app.conversation.ask('Here is my Secret PLAN for tomorrow.');

    expect(engine.requests).toEqual([]);
    expect(app.conversation.messages.value.at(-1)).toMatchObject({
      text: '',
      ending: { type: 'broken', error: { code: 'withheld' } },
    });
    expect(app.policy.decisions.value).toMatchObject([
      { side: 'prompt', action: 'block', pattern: 'secret plan' },
    ]);
    expect(app.policy.decisions.value[0]).not.toHaveProperty('text');
  });

  test('of a blocked reply no character of the passage is shown or kept, nor any token', async () => {
    const { app, engine } = await appWith({ json: POLICY });
    const shown: string[] = [];
    effect(() => void shown.push(app.conversation.live.value?.text.value ?? ''));

    await app.conversation.ask('What is the weather like?');

    expect(engine.requests).toHaveLength(1);
    expect(shown.some((text) => text.includes(' is'))).toBe(false);
    const answer = app.conversation.messages.value.at(-1);
    expect(answer).toMatchObject({
      text: '',
      tokenIds: [],
      ending: { type: 'broken', error: { code: 'withheld' } },
    });
    expect(app.policy.decisions.value.map(({ side, action }) => [side, action])).toEqual([
      ['prompt', 'flag'],
      ['reply', 'flag'],
      ['reply', 'block'],
    ]);
  });

  test('a good question after a blocked one is answered', async () => {
    const { app, engine } = await appWith({ json: POLICY });
    await app.conversation.ask('A secret plan.');
    engine.script.tokens = ['Good', ' morning', '.'];

    await app.conversation.ask('Say good morning.');

    expect(app.conversation.messages.value.at(-1)).toMatchObject({
      text: 'Good morning.',
      ending: { type: 'ended', reason: 'stop' },
    });
  });

  test('the one that was read last counts while the host cannot be asked', async () => {
    const notes = fakeNotes();
    await (await appWith({ json: POLICY }, notes)).app.policy.read();

    const { app } = await appWith('unknown', notes);
    await app.policy.read();

    expect(app.policy.state.value.type).toBe('on');
  });

  test('that has a fault nothing of it counts, and the page says in which line the fault is', async () => {
    const { app } = await appWith({ json: POLICY.replace('"isOn":true', '\n"isOn":"yes"') });

    await app.conversation.ask('A secret plan?');

    expect(app.policy.state.value).toMatchObject({ type: 'refused', line: 2 });
    expect(app.conversation.messages.value.at(-1)?.text).toBe('The capital is Paris.');
  });
});

describe('where the host does not tell whether it has a policy', () => {
  test('and has never told, nothing is answered; it is asked again with the next try', async () => {
    let file: PolicyFile = 'unknown';
    const { app, engine } = await appWith(() => file);

    await app.conversation.ask('What is the capital of France?');
    expect(engine.requests).toEqual([]);
    expect(app.conversation.messages.value.at(-1)).toMatchObject({
      text: '',
      ending: { type: 'broken', error: { code: 'policy-unavailable' } },
    });

    file = null;
    await app.conversation.retry();
    expect(app.conversation.messages.value.at(-1)?.text).toBe('The capital is Paris.');
  });

  test('but told once that it has none, questions are answered', async () => {
    const notes = fakeNotes();
    await (await appWith(null, notes)).app.policy.read();
    const { app } = await appWith('unknown', notes);

    await app.conversation.ask('What is the capital of France?');

    expect(app.conversation.messages.value.at(-1)?.text).toBe('The capital is Paris.');
  });

  test('Stop does not wait for it', async () => {
    const { app, engine } = await appWith(() => new Promise<PolicyFile>(() => {}));

    const asked = app.conversation.ask('What is the capital of France?');
    app.conversation.stop();
    await asked;

    expect(engine.requests).toEqual([]);
    expect(app.conversation.messages.value.at(-1)).toMatchObject({
      ending: { type: 'ended', reason: 'cancelled' },
    });
  });

  const answerWith =
    (status: number, body = '') =>
    () =>
      Promise.resolve(new Response(body, { status }));
  const neverAnswer: typeof fetch = (_url, init) =>
    new Promise((_resolve, reject) =>
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
    );
  test.each<[string, typeof fetch, PolicyFile]>([
    ['a host that never answers', neverAnswer, 'unknown'],
    ['one that is broken', answerWith(500), 'unknown'],
    ['one without such a file', answerWith(404), null],
    ['one that hides what it has not', answerWith(403), null],
    ['one that answers everything with its page', answerWith(200, '<!doctype html>'), null],
    ['one with a policy', answerWith(200, '{}'), { json: '{}' }],
  ])('(%s)', async (_what, fetchFile, expected) => {
    expect(await fetchPolicyFile(fetchFile, 'https://host.example/policy.json', 1)).toEqual(
      expected,
    );
  });
});

describe('a malformed policy is refused by its line', () => {
  const lines = (...text: string[]) => text.join('\n');
  test.each<[string, string, number]>([
    ['an empty file', '', 1],
    ['a comma too many', lines('{', '"version": 1,', '"isOn": true,', '}'), 4],
    [
      'a text without its end',
      lines('{', '"version": 1,', '"isOn": true,', '"notice": {"en": "a', '}}'),
      4,
    ],
    ['another version', lines('{', '"version": 2, "isOn": true', '}'), 2],
    ['no version', lines('{', '"isOn": true', '}'), 1],
    [
      'a field that is not known',
      lines('{', '"version": 1,', '"isOn": true,', '"block": []', '}'),
      4,
    ],
    ['a field twice', lines('{', '"version": 1,', '"version": 1,', '"isOn": true}'), 3],
    [
      'a pattern that is a number',
      lines('{"version": 1, "isOn": true,', '"reply": {"blocked": [', '"ab",', '7', ']}}'),
      4,
    ],
    [
      'a pattern of one letter',
      lines('{"version": 1, "isOn": true,', '"reply": {"blocked": [', '"a*"', ']}}'),
      3,
    ],
    [
      'a pattern of three stars',
      lines('{"version": 1, "isOn": true,', '"reply": {"blocked": [', '"a*b*c*d"', ']}}'),
      3,
    ],
    [
      'a pattern that is too long',
      lines('{"version": 1, "isOn": true,', `"reply": {"flagged": ["${'a'.repeat(101)}"]}}`),
      2,
    ],
    [
      'a language that is none',
      lines('{"version": 1, "isOn": true,', '"notice": {', '"English!": "a"}}'),
      3,
    ],
    ['levels without end', '['.repeat(50), 1],
    ['a file of a megabyte', ' '.repeat(1e6), 1],
  ])('%s', (_what, json, line) => {
    expect(readPolicy(json)).toMatchObject({ type: 'refused', line });
  });
});

describe('a pattern', () => {
  const rulesOf = (...blocked: string[]) => {
    const read = readPolicy(JSON.stringify({ version: 1, isOn: true, reply: { blocked } }));
    return read.type === 'on' ? read.policy.rules.reply : [];
  };

  test.each<[boolean, string, string]>([
    [true, 'Foo (bar)', 'a foo (BAR) b'],
    [false, 'foo.bar', 'fooxbar'],
    [true, 'pass*word', 'my passphrase-word'],
    [false, 'pass*word', 'pass the word'],
    [true, '密码', '我的密码是'],
    [true, 'a-b', 'A-B'],
  ])('is found: %s, for %s in “%s”', (isFound, pattern, text) => {
    expect(rulesOf(pattern).some(({ match }) => match.test(text))).toBe(isFound);
  });

  test('shows no character of a blocked passage, wherever tokens are cut', () => {
    for (let size = 1; size < 12; size++) {
      const guard = new ReplyGuard(rulesOf('forbidden words'));
      const text = '😀 Nothing here, and then the forbidden words come.';
      let shown = 0;
      for (let end = size; end < text.length + size; end += size) {
        const look = guard.look(text.slice(0, end), end >= text.length);
        if (look.found.length > 0) break;
        ({ shown } = look);
      }
      expect(shown).toBeLessThanOrEqual(text.indexOf('forbidden'));
    }
  });

  test('takes no long time on what is made to be slow', () => {
    // A pattern takes 6 ms on this. One that tried every way to cut the text would take hours, alone.
    const guard = new ReplyGuard(rulesOf(...Array.from({ length: 50 }, () => 'a*a*b')));

    expect(guard.look('a'.repeat(2000), true).found).toEqual([]);
  });
});
