import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../src/contract/errors.ts';
import {
  toModelId,
  type CompiledManifest,
  type ModelId,
  type Target,
} from '../../src/contract/model.ts';
import type {
  ExportKind,
  LocalSource,
  PinnedFile,
  PrepareEvent,
  PrepareOutcome,
  StoreApi,
} from '../../src/contract/store.ts';
import { readChunkHashes } from '../../src/store/download/admit.ts';
import { claimInProcess, type Claim } from '../../src/store/claim.ts';
import { present } from '../../src/lib/assert.ts';
import { createStore } from '../../src/store/create-store.ts';
import { readWhole } from '../../src/store/files.ts';
import { readManifest, readRecord, writeRecord } from '../../src/store/records.ts';
import type { Measure } from '../../src/store/measure.ts';
import type { Compile, Inspect, StoreOptions } from '../../src/store/store-options.ts';
import { failureOf } from '../support/failure-of.ts';
import { FAKE_GUIDE } from '../support/fake-store.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const body = fakeModel(1, 200_000);
const id = idOf(body);
const compiledName = `${id.slice(0, 16)}-wasm-int8-v1`;
const WHOLE = [
  `compiled/${compiledName}/manifest.json`,
  `compiled/${compiledName}/model.onnx`,
  `compiled/${compiledName}/weights.bin`,
  `sources/${id}/chunks.sha256`,
  `sources/${id}/model.gguf`,
  `sources/${id}/record.json`,
];
const SOURCE_ONLY = WHOLE.slice(3);

let files: MemoryFiles;
let store: StoreApi;
beforeEach(() => {
  files = new MemoryFiles();
  store = storeOn(files);
});

test('a guide of an earlier version of the page is removed, its compiled form too', async () => {
  await prepare(store, picked(body));
  const record = present(await readRecord(files, id), 'record');
  await writeRecord(files, { ...record, origin: { type: 'guide' } });
  const asGuide = storeOn(files, { guide: { ...FAKE_GUIDE, sha256: id } });
  expect(await asGuide.list()).toMatchObject([{ id, title: 'Guide', trust: 'published' }]);

  expect(await store.list()).toEqual([]);
  expect(files.paths).toEqual([]);
});

test('a model that a person opened from a file stays theirs when it was a guide once', async () => {
  await prepare(storeOn(files, { guide: { ...FAKE_GUIDE, sha256: id } }), picked(body));

  const listed = await storeOn(files, { catalog: [] }).list();

  expect(listed).toMatchObject([{ id, trust: 'recorded' }]);
});

describe('a picked file', () => {
  test('is copied, checked and compiled; the catalogue vouches for what it knows', async () => {
    const { outcome, events } = await prepare(store, picked(body, 'my copy (ä).gguf'));

    expect(outcome).toMatchObject({
      type: 'ready',
      model: {
        id,
        title: 'Published model',
        fileName: 'my copy (ä).gguf',
        sourceBytes: body.byteLength,
        trust: 'published',
        origin: { type: 'file' },
        forms: [{ folder: `compiled/${compiledName}`, totalBytes: 200_005, target: 'wasm-int8' }],
      },
    });
    expect(phasesOf(events)).toEqual(['read', 'check', 'compile']);
    expect(files.paths).toEqual(WHOLE);
    expect(await store.list()).toEqual([modelOf(outcome)]);
    expect(await isIntact(files)).toBe(true);
  });

  test('has the hashes of its chunks beside it, by which damage is found later', async () => {
    await prepare(store, picked(body));

    expect(await readChunkHashes(files, id)).toEqual([idOf(body)]);
  });

  test.each<[string, Uint8Array, ErrorCode]>([
    ['text', new TextEncoder().encode('this is no model'), 'not-gguf'],
    ['a saved page', new TextEncoder().encode('\n<!DOCTYPE html><p>Model card'), 'html-not-model'],
    ['empty', new Uint8Array(0), 'not-gguf'],
    ['another architecture', fakeModel(3, 900, 'X'), 'unsupported-architecture'],
  ])('that is %s is refused before a byte is written', async (_name, bytes, code) => {
    await expect(prepare(store, picked(bytes))).rejects.toMatchObject({ code });

    expect(files.paths).toEqual([]);
    expect((await prepare(store, picked(body))).outcome.type).toBe('ready');
  });

  test('that was chosen a second time is recognised without being copied', async () => {
    await prepare(store, picked(body));
    files.quotaBytes = files.usedBytes;

    const { outcome, events } = await prepare(store, picked(body));

    expect(outcome.type).toBe('ready');
    expect(phasesOf(events)).toEqual(['read']);
  });

  test('of the size of another model is a model of its own', async () => {
    const other = fakeModel(7, body.byteLength);
    await prepare(store, picked(body));

    const { outcome } = await prepare(store, picked(other));

    expect(modelOf(outcome).id).toBe(idOf(other));
    expect(await store.list()).toHaveLength(2);
  });

  test('that changed on disk while it was read is refused, and nothing remains', async () => {
    const file = new File([body], 'model.gguf');
    // What is read to look at the file comes; what is read to copy it does not.
    file.slice = (from = 0, to = 0) =>
      to - from <= 512 ? Blob.prototype.slice.call(file, from, to) : unreadable;
    const attempt = prepare(store, { type: 'file', file });

    await expect(attempt).rejects.toMatchObject({ code: 'file-unreadable' });
    expect(files.paths).toEqual([]);
  });
});

describe('a model that lies here', () => {
  test('is compiled anew when its compiled form is of another compiler version', async () => {
    await prepare(store, picked(body));
    const newer = storeOn(files, {
      compiledName: (id, target) => `${id.slice(0, 16)}-${target}-v2`,
    });

    const listed = await newer.list();
    const { outcome, events } = await prepare(newer, { type: 'stored', id });

    expect(listed).toMatchObject([{ id, forms: [] }]);
    expect(phasesOf(events)).toEqual(['check', 'compile']);
    expect(modelOf(outcome).forms[0]?.folder).toMatch(/-v2$/);
    expect(files.paths.filter((path) => path.startsWith('compiled/'))).toHaveLength(3);
  });

  test.each<[string, (files: MemoryFiles) => unknown]>([
    ['lost a file', (files) => files.remove(`compiled/${compiledName}/weights.bin`)],
    ['has a file cut short', (files) => files.put(`compiled/${compiledName}/model.onnx`, 'x')],
    ['lost its manifest', (files) => files.remove(`compiled/${compiledName}/manifest.json`)],
    [
      'has a manifest that is torn',
      (files) => files.put(`compiled/${compiledName}/manifest.json`, '{"format":1,'),
    ],
    [
      'is that of another source',
      (files) =>
        files.put(
          `compiled/${compiledName}/manifest.json`,
          JSON.stringify({ format: 1, source: { id: 'f'.repeat(64) }, files: [] }),
        ),
    ],
  ])('whose compiled form %s is listed without one, and built again', async (_name, damage) => {
    await prepare(store, picked(body));
    await damage(files);

    const listed = await store.list();
    const { outcome } = await prepare(store, { type: 'stored', id });

    expect(listed).toMatchObject([{ id, forms: [] }]);
    expect(outcome.type).toBe('ready');
    expect(files.paths).toEqual(WHOLE);
  });

  test('and changed on disk is said to be damaged, and stays: most of it may be sound', async () => {
    await prepare(store, picked(body));
    await files.remove(`compiled/${compiledName}`);
    files.put(`sources/${id}/model.gguf`, flipped(body));

    const attempt = prepare(store, { type: 'stored', id });

    await expect(attempt).rejects.toMatchObject({ code: 'source-damaged' });
    expect(files.paths).toEqual(SOURCE_ONLY);
  });

  test('and changed on disk is replaced by a picked copy', async () => {
    await prepare(store, picked(body));
    await files.remove(`compiled/${compiledName}`);
    files.put(`sources/${id}/model.gguf`, flipped(body));

    const { outcome } = await prepare(store, picked(body));

    expect(outcome.type).toBe('ready');
    expect(await isIntact(files)).toBe(true);
  });

  test('no longer is model-missing', async () => {
    await expect(prepare(store, { type: 'stored', id })).rejects.toMatchObject({
      code: 'model-missing',
    });
  });
});

describe('forms for several targets', () => {
  const formsOf = async () => (await store.list()).map(({ forms }) => forms.map((f) => f.target));

  test('lie side by side, and the second is made of the same source', async () => {
    await prepare(store, picked(body));

    const { outcome, events } = await prepare(
      store,
      { type: 'stored', id },
      { target: 'webgpu-f32' },
    );

    expect(phasesOf(events)).toEqual(['check', 'compile', 'measure']);
    expect(modelOf(outcome).forms.map(({ folder }) => folder)).toEqual([
      `compiled/${id.slice(0, 16)}-webgpu-f32-v1`,
      `compiled/${id.slice(0, 16)}-wasm-int8-v1`,
    ]);
    expect(await formsOf()).toEqual([['webgpu-f32', 'wasm-int8']]);
  });

  test('a form that is there is not built again for the sake of another', async () => {
    await prepare(store, picked(body));
    await prepare(store, { type: 'stored', id }, { target: 'webgpu-f16' });

    const { events } = await prepare(store, { type: 'stored', id });

    expect(events).toEqual([]);
  });

  test('one can be removed alone, also one that is not there', async () => {
    await prepare(store, picked(body));
    await prepare(store, picked(body), { target: 'webgpu-f32' });

    await store.removeForm(id, 'webgpu-f32');
    await store.removeForm(id, 'webgpu-f16');

    expect(await formsOf()).toEqual([['wasm-int8']]);
    expect(files.paths).toEqual(WHOLE);
  });

  test('all of them go with their model', async () => {
    await prepare(store, picked(body));
    await prepare(store, picked(body), { target: 'webgpu-f32' });

    await store.remove(id);

    expect(files.paths).toEqual([]);
  });

  test('a target that a model is unfit for does not cost the model that runs on another', async () => {
    const unknown = storeOn(files, { catalog: [] });
    await prepare(unknown, picked(body));
    const choosy = storeOn(files, {
      catalog: [],
      compile: failing(new AppError('unsupported-tensor-type', 'not for a GPU')),
    });

    const attempt = prepare(choosy, { type: 'stored', id }, { target: 'webgpu-f16' });

    await expect(attempt).rejects.toMatchObject({ code: 'unsupported-tensor-type' });
    expect(files.paths).toEqual(WHOLE);
  });
});

describe('a form for a GPU', () => {
  const target = 'webgpu-f32';
  const folder = `${id.slice(0, 16)}-webgpu-f32-v1`;

  test('holds what the CPU answers with the very same files', async () => {
    const { events } = await prepare(store, picked(body), { target });

    expect(phasesOf(events)).toEqual(['read', 'check', 'compile', 'measure']);
    expect(await readManifest(files, folder, id)).toMatchObject({
      target,
      selfTest: { promptTokens: [5], greedyTokens: [body.byteLength] },
    });
  });

  test('for the CPU is not measured', async () => {
    const { events } = await prepare(store, picked(body));

    expect(phasesOf(events)).not.toContain('measure');
  });

  test('that cannot be measured does not remain', async () => {
    const failing = storeOn(files, {
      measure: () => Promise.reject(new AppError('out-of-memory', 'heap')),
    });

    const attempt = prepare(failing, picked(body), { target });

    await expect(attempt).rejects.toMatchObject({ code: 'out-of-memory' });
    expect(files.paths).toEqual(SOURCE_ONLY);
  });

  test('whose measuring is cancelled does not remain', async () => {
    const { outcome } = await prepare(store, picked(body), { target, cancelIn: 'measure' });

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual(SOURCE_ONLY);
  });
});

describe('compiling', () => {
  test('that fails keeps the verified source and nothing else', async () => {
    const broken = storeOn(files, { compile: failing(new Error('a bug')) });

    await expect(prepare(broken, picked(body))).rejects.toThrow('a bug');

    expect(files.paths).toEqual(SOURCE_ONLY);
    const { events } = await prepare(store, { type: 'stored', id });
    expect(phasesOf(events)).toEqual(['check', 'compile']);
  });

  test('that shows a file to be unfit deletes it, for it would never run', async () => {
    const unfit = failing(new AppError('missing-tensor', 'no output_norm'));
    const unknown = storeOn(files, { compile: unfit, catalog: [] });

    await expect(prepare(unknown, picked(body))).rejects.toMatchObject({ code: 'missing-tensor' });

    expect(files.paths).toEqual([]);
  });

  test('that finds a published file unfit keeps it: the fault is ours', async () => {
    const unfit = failing(new AppError('missing-tensor', 'no output_norm'));

    await expect(prepare(storeOn(files, { compile: unfit }), picked(body))).rejects.toMatchObject({
      code: 'missing-tensor',
    });

    expect(files.paths).toEqual(SOURCE_ONLY);
  });

  test('whose files are not those of its manifest does not count', async () => {
    await expect(prepare(storeOn(files, { compile: lying }), picked(body))).rejects.toMatchObject({
      code: 'compiled-damaged',
    });

    expect(files.paths).toEqual(SOURCE_ONLY);
  });
});

describe('a cancel', () => {
  test('while a file is read leaves nothing', async () => {
    const { outcome } = await prepare(store, picked(fakeModel(9, 9_000_000)), { cancelIn: 'read' });

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual([]);
    expect((await prepare(store, picked(body))).outcome.type).toBe('ready');
  });

  test('that comes before the first step leaves nothing', async () => {
    const { outcome } = await prepare(store, picked(body), { cancelAfterMs: 0 });

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual([]);
  });

  test('while compiling keeps the verified source and nothing else', async () => {
    const { outcome } = await prepare(store, picked(body), { cancelIn: 'compile' });

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual(SOURCE_ONLY);
    expect((await prepare(store, picked(body))).outcome.type).toBe('ready');
    expect(files.paths).toEqual(WHOLE);
  });

  test('while a stored source is checked keeps it', async () => {
    const large = fakeModel(9, 9_000_000);
    await prepare(store, picked(large), { cancelIn: 'compile' });

    const { outcome } = await prepare(
      store,
      { type: 'stored', id: idOf(large) },
      { cancelIn: 'check' },
    );

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(await store.list()).toMatchObject([{ id: idOf(large), forms: [] }]);
  });
});

describe('room', () => {
  test('that is known to be too little is refused before a byte is written, with the numbers', async () => {
    const small = storeOn(files, { estimate: async () => ({ usage: 900e6, quota: 900.1e6 }) });

    const attempt = prepare(small, picked(body));

    expect(await failureOf(attempt)).toMatchObject({
      code: 'storage-full',
      sentence: expect.stringMatching(/about 1 MB of room.* 1 MB left/),
    });
    expect(files.paths).toEqual([]);
  });

  test.each<[string, number, string[]]>([
    ['half of the source', 100_000, []],
    ['the source and half of its compiled form', 300_000, SOURCE_ONLY],
  ])('that ends after %s leaves nothing half-written', async (_name, quotaBytes, kept) => {
    files.quotaBytes = quotaBytes;

    const attempt = prepare(store, picked(body));

    expect(await failureOf(attempt)).toMatchObject({
      code: 'storage-full',
      sentence: expect.stringContaining('1 MB'),
    });
    expect(files.paths).toEqual(kept);
    files.quotaBytes = Infinity;
    expect((await prepare(store, picked(body))).outcome.type).toBe('ready');
  });

  test('is not asked for what lies here already', async () => {
    await prepare(store, picked(body));
    const full = storeOn(files, { estimate: async () => ({ usage: 1, quota: 1 }) });

    expect((await prepare(full, picked(body))).outcome.type).toBe('ready');
    expect((await prepare(full, picked(body))).outcome.type).toBe('ready');
  });

  test('that nobody can tell is not held against a model', async () => {
    const vague = storeOn(files, { estimate: async () => ({}) });

    expect((await prepare(vague, picked(body))).outcome.type).toBe('ready');
  });
});

describe('work that died', () => {
  test('leaves nothing that the next list would show or keep', async () => {
    await prepare(store, picked(body));
    files.put('sources/incoming.part', 'half a download');
    files.put(`sources/${'a'.repeat(64)}/model.gguf`, 'a source without a record');
    files.put(`sources/${id}/record.json.part`, '{');
    files.put('compiled/0123456789abcdef-wasm-int8-v1/weights.bin', 'no manifest');
    files.put('compiled/stray', 'a file');

    const listed = await storeOn(files).list();

    expect(listed).toMatchObject([{ id }]);
    expect(files.paths).toEqual(WHOLE);
  });

  test.each(Array.from({ length: 40 }, (_, at) => at + 1))(
    'at file operation %i leaves a store that the next one can use',
    async (deadAt) => {
      const dying = dyingFiles(files, deadAt);
      await Promise.race([prepare(storeOn(dying.files), picked(body)), dying.death]);
      files.loseLocks();

      const next = storeOn(files);
      const listed = await next.list();
      const { outcome } = await prepare(next, picked(body));

      for (const model of listed) expect(model.sourceBytes).toBe(body.byteLength);
      expect(outcome.type).toBe('ready');
      expect(files.paths).toEqual(WHOLE);
    },
  );

  test('a source whose length is wrong is not a source', async () => {
    await prepare(store, picked(body));
    files.put(`sources/${id}/model.gguf`, body.subarray(1));

    expect(await store.list()).toEqual([]);
    expect(files.paths).toEqual([]);
  });

  test('an old compiled form that another tab has open is left to the next time', async () => {
    await prepare(store, picked(body));
    const open = await files.openSync(`compiled/${compiledName}/weights.bin`);
    const newer = storeOn(files, {
      compiledName: (id, target) => `${id.slice(0, 16)}-${target}-v2`,
    });

    expect(await newer.list()).toMatchObject([{ id, forms: [] }]);
    open.close();
    await newer.list();

    expect(files.paths).toEqual(SOURCE_ONLY);
  });
});

describe('one at a time', () => {
  test('a second preparation is refused with busy, and the first goes on', async () => {
    const first = prepare(store, picked(body));

    await expect(prepare(store, picked(body))).rejects.toMatchObject({ code: 'busy' });
    await expect(store.remove(id)).rejects.toMatchObject({ code: 'busy' });

    expect((await first).outcome.type).toBe('ready');
  });

  test('a list during a preparation does not sweep away what is being written', async () => {
    const claim = claimInProcess();
    const otherTab = storeOn(files, { claim });
    const listedMeanwhile: unknown[] = [];
    const slow: Compile = async (...args) => {
      const manifest = await fakeCompile(...args);
      listedMeanwhile.push(await otherTab.list());
      return manifest;
    };

    const { outcome } = await prepare(storeOn(files, { claim, compile: slow }), picked(body));

    expect(listedMeanwhile).toMatchObject([[{ id, forms: [] }]]);
    expect(outcome.type).toBe('ready');
    expect(files.paths).toEqual(WHOLE);
  });

  /** Says at once that it has to wait. */
  const impatient =
    (claim: Claim): Claim =>
    (waitMs, signal) =>
      claim(waitMs === Infinity ? waitMs : 0, signal);

  test('a preparation waits for the one in another tab, and finds what that made', async () => {
    const claim = claimInProcess();
    const release = await claim(0);
    const otherTab = storeOn(files, { claim: (wait) => Promise.resolve(() => void wait) });

    const waiting = prepare(storeOn(files, { claim: impatient(claim) }), picked(body));
    await prepare(otherTab, picked(body));
    release?.();
    const { outcome, events } = await waiting;

    expect(outcome.type).toBe('ready');
    expect(phasesOf(events)).toEqual(['wait', 'read']);
  });

  test('a preparation that waits for another tab can be cancelled', async () => {
    const claim = claimInProcess();
    const release = await claim(0);

    const { outcome } = await prepare(storeOn(files, { claim: impatient(claim) }), picked(body), {
      cancelIn: 'wait',
    });

    expect(outcome).toEqual({ type: 'cancelled' });
    release?.();
  });

  test('nothing is deleted while another tab prepares, and that is said', async () => {
    await prepare(store, picked(body));
    const claim = claimInProcess();
    const release = await claim(0);

    const attempt = storeOn(files, { claim: impatient(claim) }).remove(id);

    expect(await failureOf(attempt)).toMatchObject({
      code: 'busy',
      sentence: expect.stringContaining('Another tab'),
    });
    release?.();
  });

  test('a list that sweeps makes a preparation wait, not fail', async () => {
    const claim = claimInProcess();
    const release = await claim(0);
    setTimeout(() => release?.(), 50);

    const { outcome } = await prepare(storeOn(files, { claim }), picked(body));

    expect(outcome.type).toBe('ready');
  });
});

describe('checking again', () => {
  const check = (of: StoreApi, when: When = {}) => attend((events) => of.verify(id, events), when);

  test('reads every byte, and remembers when', async () => {
    let now = Date.UTC(2026, 10, 22);
    const timed = storeOn(files, { now: () => (now += 1000) });
    const { outcome: prepared } = await prepare(timed, picked(body));

    const { outcome, events } = await check(timed);

    const [listed] = await timed.list();
    expect(outcome).toEqual({ type: 'sound', model: listed });
    expect(present(listed, 'model').verifiedAt > modelOf(prepared).verifiedAt).toBe(true);
    expect(listed?.addedAt).toBe(modelOf(prepared).addedAt);
    expect(phasesOf(events)).toEqual(['check']);
    expect(events.at(-1)?.doneBytes).toBe(body.byteLength);
  });

  test('says how much is damaged, in chunks', async () => {
    const large = fakeModel(21, 3 * 2 ** 20 + 5);
    await prepare(store, picked(large));
    const damaged = Uint8Array.from(large);
    damaged[5] = (damaged[5] ?? 0) ^ 1;
    damaged[large.byteLength - 1] = (large.at(-1) ?? 0) ^ 1;
    files.put(`sources/${idOf(large)}/model.gguf`, damaged);

    const { outcome } = await attend((events) => store.verify(idOf(large), events));

    expect(outcome).toEqual({ type: 'damaged', damagedBytes: 2 ** 20 + 5 });
  });

  test('cannot say how much where the hashes of the chunks are gone', async () => {
    await prepare(store, picked(body));
    await files.remove(`sources/${id}/chunks.sha256`);
    files.put(`sources/${id}/model.gguf`, flipped(body));

    expect((await check(store)).outcome).toEqual({ type: 'damaged', damagedBytes: null });
  });

  test('can be cancelled', async () => {
    const large = fakeModel(9, 9_000_000);
    await prepare(store, picked(large));

    const { outcome } = await attend((events) => store.verify(idOf(large), events), {
      cancelIn: 'check',
    });

    expect(outcome).toEqual({ type: 'cancelled' });
  });

  test('of what is not here is model-missing', async () => {
    await expect(check(store)).rejects.toMatchObject({ code: 'model-missing' });
  });
});

test('a record of the first version is read as what it was', async () => {
  await prepare(store, picked(body));
  const { vouchedBy: _, verifiedAt: __, ...old } = present(await readRecord(files, id), 'record');
  files.put(`sources/${id}/record.json`, JSON.stringify({ ...old, version: 1 }));

  expect(await readRecord(files, id)).toMatchObject({
    version: 2,
    vouchedBy: null,
    addedAt: old.addedAt,
    verifiedAt: old.addedAt,
  });
});

test('a model whose host told its hash is listed as that', async () => {
  const unknown = storeOn(files, { catalog: [] });
  await prepare(unknown, picked(body));
  const record = present(await readRecord(files, id), 'record');
  const origin = { type: 'download', url: 'https://huggingface.co/x' } as const;

  await writeRecord(files, { ...record, origin, vouchedBy: 'host' });

  expect(await unknown.list()).toMatchObject([{ trust: 'told', origin }]);
});

describe('removing', () => {
  test('takes the model and its compiled form, and nothing else', async () => {
    const other = fakeModel(4, 1000);
    await prepare(store, picked(body));
    await prepare(store, picked(other));

    await store.remove(idOf(other));

    expect(files.paths).toEqual(WHOLE);
    expect(await store.list()).toMatchObject([{ id }]);
  });

  test('is refused while the model is open, and nothing is taken', async () => {
    await prepare(store, picked(body));
    const open = await files.openSync(`compiled/${compiledName}/weights.bin`);

    await expect(store.remove(id)).rejects.toMatchObject({ code: 'model-in-use' });

    expect(files.paths).toEqual(WHOLE);
    open.close();
    await store.remove(id);
    expect(files.paths).toEqual([]);
  });
});

describe('a model as one file', () => {
  /** A laptop feeds a phone: what the one exports, the other opens. */
  let phone: MemoryFiles;
  const cannotCompile = { compile: failing(new Error('nothing is to be compiled')) };

  beforeEach(() => {
    phone = new MemoryFiles();
  });

  const openOn = (files: MemoryFiles, file: File, other: Partial<StoreOptions> = {}) =>
    prepare(storeOn(files, other), { type: 'file', file });

  test('is its source, byte for byte', async () => {
    const file = await exported(store, 'source');

    expect(file.name).toBe('my model.gguf');
    expect(Buffer.from(body).equals(Buffer.from(await file.arrayBuffer()))).toBe(true);
  });

  test('with what is prepared of it is opened elsewhere without preparing', async () => {
    const pack = await exported(store, 'pack');

    const { outcome, events } = await openOn(phone, pack, cannotCompile);

    expect(pack.name).toBe('my model.offgrid');
    expect(outcome).toMatchObject({
      model: {
        id,
        fileName: 'my model.gguf',
        trust: 'published',
        origin: { type: 'file' },
        forms: [{ target: 'wasm-int8', isFromPack: true }],
      },
    });
    expect(phasesOf(events)).toEqual(['read', 'check', 'compile']);
    expect(phone.paths).toEqual(WHOLE);
    expect(await isIntact(phone)).toBe(true);
  });

  test('brings its forms to a device that has the source already', async () => {
    const pack = await exported(store, 'pack');
    await prepare(storeOn(phone), picked(body));
    await phone.remove(`compiled/${compiledName}`);

    const { outcome } = await openOn(phone, pack, cannotCompile);

    expect(modelOf(outcome).forms).toMatchObject([{ isFromPack: true }]);
    expect(phone.paths).toEqual(WHOLE);
  });

  test('whose forms are of another compiler is prepared here', async () => {
    const pack = await exported(store, 'pack');
    const newer = {
      compiledName: (id: ModelId, target: Target) => `${id.slice(0, 16)}-${target}-v2`,
    };

    const { outcome } = await openOn(phone, pack, newer);

    expect(modelOf(outcome).forms).toMatchObject([
      { folder: `compiled/${newer.compiledName(id, 'wasm-int8')}` },
    ]);
    expect(modelOf(outcome).forms[0]).not.toHaveProperty('isFromPack');
  });

  test.each<[string, (pack: Uint8Array) => Uint8Array]>([
    ['was cut off', (pack) => pack.subarray(0, -1)],
    ['is longer than it says', (pack) => Buffer.concat([pack, Buffer.from([0])])],
    ['has a flipped bit in its source', (pack) => flipped(pack, pack.length - 300_000)],
    ['has a contents list that is torn', (pack) => flipped(pack, 20)],
    ['has a contents list without an end', (pack) => flipped(pack, 13)],
  ])('that %s is refused, and nothing of it is taken', async (_name, damage) => {
    const pack = new Uint8Array(await (await exported(store, 'pack')).arrayBuffer());
    const file = new File([Uint8Array.from(damage(pack))], 'x.offgrid');

    await expect(openOn(phone, file)).rejects.toMatchObject({ code: 'pack-damaged' });

    expect(phone.paths).toEqual([]);
  });

  test('with a flipped bit in a form is taken without it, and prepared here', async () => {
    const pack = new Uint8Array(await (await exported(store, 'pack')).arrayBuffer());
    const file = new File([flipped(pack, pack.length - 100)], 'x.offgrid');

    const { outcome } = await openOn(phone, file);

    expect(modelOf(outcome).forms).toHaveLength(1);
    expect(modelOf(outcome).forms[0]).not.toHaveProperty('isFromPack');
    expect(phone.paths).toEqual(WHOLE);
  });

  test('that is opened can be stopped, and leaves nothing', async () => {
    const large = fakeModel(9, 9_000_000);
    await prepare(store, picked(large));
    const { outcome } = await attend((events) => store.export(idOf(large), 'pack', events));
    const file = new File(outcome.type === 'exported' ? [outcome.file] : [], 'x.offgrid');

    const opening = await prepare(storeOn(phone), { type: 'file', file }, { cancelIn: 'read' });

    expect(opening.outcome).toEqual({ type: 'cancelled' });
    expect(phone.paths).toEqual([]);
  });

  test('of what is not here is model-missing', async () => {
    const attempt = attend((events) => store.export(id, 'source', events));

    await expect(attempt).rejects.toMatchObject({ code: 'model-missing' });
  });
});

test('models are listed newest first', async () => {
  let now = Date.UTC(2026, 10, 22);
  const timed = storeOn(files, { now: () => (now += 1000) });
  const models = [fakeModel(11, 500), fakeModel(12, 600), fakeModel(13, 700)];
  for (const model of models) await prepare(timed, picked(model));

  const listed = await timed.list();

  expect(listed.map(({ id }) => id)).toEqual(models.map(idOf).reverse());
  expect(listed[0]?.addedAt).toMatch(/^2026-11-22T00:/);
});

describe('progress', () => {
  test('of each phase begins at nothing, never goes back, and ends at all of it', async () => {
    const { events } = await prepare(store, picked(fakeModel(5, 9_000_000)));

    for (const phase of ['read', 'check', 'compile']) {
      const own = events.filter((event) => event.phase === phase);
      const done = own.map(({ doneBytes }) => doneBytes);
      expect(done[0]).toBe(0);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      expect(own.at(-1)).toMatchObject({ doneBytes: 9_000_000, totalBytes: 9_000_000 });
    }
  });

  test('is told at most every 50 ms, however fast the pieces come', async () => {
    let now = 0;
    const counting: Compile = async (source, origin, target, output, hooks) => {
      for (let piece = 0; piece < 1000; piece++) {
        now += 1;
        hooks.onProgress(piece, source.totalBytes);
      }
      return fakeCompile(source, origin, target, output, { ...hooks, onProgress: () => {} });
    };

    const { events, outcome } = await prepare(
      storeOn(files, { compile: counting, now: () => now }),
      picked(body),
    );

    const compiling = events.filter(({ phase }) => phase === 'compile');
    expect(compiling.length).toBe(2 + 20);
    expect(compiling.at(-1)?.elapsedMs).toBe(1000);
    expect(outcome).toMatchObject({
      phases: expect.arrayContaining([{ phase: 'compile', elapsedMs: 1000 }]),
    });
  });
});

const unreadable = {
  arrayBuffer: () => Promise.reject(new DOMException('changed', 'NotReadableError')),
} as Blob;

function storeOn(files: StoreOptions['files'], other: Partial<StoreOptions> = {}): StoreApi {
  return createStore({
    files,
    compile: fakeCompile,
    measure: fakeMeasure,
    inspect: fakeInspect,
    compiledName: (id, target) => `${id.slice(0, 16)}-${target}-v1`,
    catalog: [PUBLISHED],
    guide: FAKE_GUIDE,
    now: () => performance.timeOrigin + performance.now(),
    estimate: null,
    ...other,
  });
}

interface When {
  readonly cancelAfterMs?: number;
  readonly cancelIn?: PrepareEvent['phase'];
}

/** Runs one preparation as the page would; resolves when the last event has arrived too. */
function prepare(
  store: StoreApi,
  source: LocalSource,
  { target = 'wasm-int8', ...when }: When & { target?: Target } = {},
): Promise<{ outcome: PrepareOutcome; events: PrepareEvent[] }> {
  return attend((events) => store.prepare(source, target, events), when);
}

/** Hears all that long work of the store tells of itself. */
async function attend<T>(
  work: (events: MessagePort) => Promise<T>,
  { cancelAfterMs, cancelIn }: When = {},
): Promise<{ outcome: T; events: PrepareEvent[] }> {
  const { port1: page, port2: worker } = new MessageChannel();
  const events: PrepareEvent[] = [];
  const closed = new Promise((resolve) => page.addEventListener('close', resolve));
  page.onmessage = ({ data }: MessageEvent<PrepareEvent>) => {
    events.push(data);
    if (data.phase === cancelIn) page.postMessage('cancel');
  };
  if (cancelAfterMs === 0) page.postMessage('cancel');
  else if (cancelAfterMs !== undefined) {
    setTimeout(() => page.postMessage('cancel'), cancelAfterMs);
  }
  const outcome = await work(worker);
  await closed;
  return { outcome, events };
}

/** Brings the model in, and takes it out as one file. */
async function exported(store: StoreApi, what: ExportKind): Promise<File> {
  await prepare(store, picked(body, 'my model.gguf'));
  const { outcome } = await attend((events) => store.export(id, what, events));
  if (outcome.type !== 'exported') throw new Error(`expected a file, got ${outcome.type}`);
  return new File([outcome.file], outcome.fileName);
}

/** Four bytes of magic, a letter for the architecture, the seed as its title, and noise. */
function fakeModel(seed: number, length: number, architecture = 'Q'): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  bytes.set(new TextEncoder().encode(`GGUF${architecture}`));
  bytes[5] = seed;
  return bytes;
}

const fakeInspect: Inspect = async (source) => {
  const head = await source.read(0, Math.min(6, source.totalBytes));
  const text = new TextDecoder().decode(head.subarray(0, 5));
  if (!text.startsWith('GGUF')) throw new AppError('not-gguf', text);
  if (text !== 'GGUFQ') throw new AppError('unsupported-architecture', text);
  return { title: `Fake ${head[5]}` };
};

/** Weights as long as the source, and a graph of five bytes; lets messages in between pieces, as the real one does. */
const fakeCompile: Compile = async (source, origin, target, output, hooks) => {
  const weights = await output.create('weights.bin');
  const pieceBytes = Math.ceil(source.totalBytes / 10);
  for (let at = 0; at < source.totalBytes; at += pieceBytes) {
    await new Promise((resolve) => setImmediate(resolve));
    if (hooks.isCancelled()) return 'cancelled';
    const length = Math.min(pieceBytes, source.totalBytes - at);
    await weights.write(await source.read(at, length));
    hooks.onProgress(at + length, source.totalBytes);
  }
  await weights.close();
  const graph = await output.create('model.onnx');
  await graph.write(new Uint8Array(5));
  await graph.close();
  const selfTest = target === 'wasm-int8' ? {} : { selfTest: null };
  return { ...manifestOf(origin), target, ...selfTest } as CompiledManifest; // all that the store reads
};

/** Answers with the sizes of what it was given to run. */
const fakeMeasure: Measure = async (folder, manifest, onStep) => {
  const graph = await folder.read('model.onnx');
  onStep();
  const weights = await folder.openSync('weights.bin');
  weights.close();
  const selfTest = {
    promptTokens: [graph.length],
    greedyTokens: [weights.totalBytes],
    steps: [],
  };
  return { ...manifest, selfTest } as CompiledManifest;
};

/** Its manifest tells of other files than it wrote. */
const lying: Compile = async (...args) => {
  const manifest = await fakeCompile(...args);
  if (manifest === 'cancelled') return manifest;
  return { ...manifest, files: [{ name: 'weights.bin', totalBytes: 1 }] };
};

/** Writes a little, and then throws with its file open. */
function failing(error: Error): Compile {
  return async (_source, _origin, _target, output) => {
    await (await output.create('model.onnx')).close();
    const weights = await output.create('weights.bin');
    await weights.write(new Uint8Array(100));
    throw error;
  };
}

function manifestOf(source: CompiledManifest['source']): CompiledManifest {
  return {
    format: 1,
    target: 'wasm-int8',
    compilerVersion: 1,
    source,
    title: 'Fake',
    shape: {
      layers: 1,
      width: 2,
      feedForwardWidth: 2,
      queryHeads: 1,
      keyValueHeads: 1,
      headSize: 2,
      vocabulary: 2,
      ropeBase: 1e6,
      rmsEpsilon: 1e-6,
      trainedContextTokens: 8,
    },
    head: { rowsOffset: 0, scalesOffset: 4, rowsPerPart: 2 },
    embedding: null,
    stopTokens: [1],
    files: [
      { name: 'weights.bin', totalBytes: source.totalBytes },
      { name: 'model.onnx', totalBytes: 5 },
    ],
  };
}

/** Files of a tab that is killed: from operation `deadAt` on, nothing happens any more and nothing answers. */
function dyingFiles(files: MemoryFiles, deadAt: number) {
  const life = new AbortController();
  const death = new Promise((resolve) => life.signal.addEventListener('abort', resolve));
  let operations = 0;
  const alive = <A extends unknown[], R>(operation: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => {
      operations++;
      if (operations < deadAt) return operation(...args);
      life.abort();
      return new Promise(() => {});
    };
  };
  const dying: StoreOptions['files'] = {
    list: (folder) => files.list(folder),
    size: (path) => files.size(path),
    open: (path) => files.open(path),
    blob: (path) => files.blob(path),
    openSync: (path) => files.openSync(path),
    create: alive(async (path) => {
      const file = await files.create(path);
      return {
        write: alive((bytes) => file.write(bytes)),
        close: alive(() => file.close()),
        abort: alive(() => file.abort()),
      };
    }),
    move: alive((from, to) => files.move(from, to)),
    remove: alive((path) => files.remove(path)),
  };
  return { files: dying, death };
}

/** As the catalogue of these tests has it. */
const PUBLISHED: PinnedFile = {
  key: 'published-model',
  title: 'Published model',
  fileName: 'model.gguf',
  url: 'https://models.example/model.gguf',
  totalBytes: body.byteLength,
  sha256: id,
  licence: 'Apache-2.0',
};

function picked(bytes: Uint8Array, name = 'model.gguf'): LocalSource {
  return { type: 'file', file: new File([Uint8Array.from(bytes)], name) };
}

/** Compared as buffers: `toEqual` takes half a second for as many bytes. */
async function isIntact(files: MemoryFiles): Promise<boolean> {
  const bytes = await readWhole(files, `sources/${id}/model.gguf`);
  return bytes !== null && Buffer.from(body).equals(bytes);
}

function phasesOf(events: readonly PrepareEvent[]): string[] {
  return events.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1]);
}

function modelOf(outcome: PrepareOutcome) {
  if (outcome.type !== 'ready') throw new Error(`expected a model, got ${outcome.type}`);
  return outcome.model;
}

function flipped(bytes: Uint8Array, at = 1000): Uint8Array<ArrayBuffer> {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

function idOf(bytes: Uint8Array): ModelId {
  return toModelId(createHash('sha256').update(bytes).digest('hex'));
}
