import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../src/contract/errors.ts';
import {
  toModelId,
  type CompiledManifest,
  type ModelId,
  type Target,
} from '../../src/contract/model.ts';
import type {
  CatalogEntry,
  ModelSource,
  PrepareEvent,
  PrepareOutcome,
  StoreApi,
} from '../../src/contract/store.ts';
import { claimInProcess, type Claim } from '../../src/store/claim.ts';
import { createStore } from '../../src/store/create-store.ts';
import { readWhole } from '../../src/store/files.ts';
import { readManifest } from '../../src/store/records.ts';
import type { Measure } from '../../src/store/measure.ts';
import type { Compile, Inspect, StoreOptions } from '../../src/store/store-options.ts';
import { FAKE_GUIDE } from '../support/fake-store.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import {
  stallMsFor,
  startMisbehavingHost,
  type Behaviour,
  type MisbehavingHost,
} from '../support/misbehaving-host.ts';

const body = fakeModel(1, 200_000);
const id = idOf(body);
const compiledName = `${id.slice(0, 16)}-wasm-int8-v1`;
const WHOLE = [
  `compiled/${compiledName}/manifest.json`,
  `compiled/${compiledName}/model.onnx`,
  `compiled/${compiledName}/weights.bin`,
  `sources/${id}/model.gguf`,
  `sources/${id}/record.json`,
];
const SOURCE_ONLY = WHOLE.slice(3);

let host: MisbehavingHost;
beforeAll(async () => {
  host = await startMisbehavingHost(body);
});
afterAll(() => host.close());

let files: MemoryFiles;
let store: StoreApi;
beforeEach(() => {
  files = new MemoryFiles();
  store = storeOn(files);
});

describe('a model from the catalogue', () => {
  test('is downloaded, checked, compiled and listed', async () => {
    const { outcome, events } = await prepare(store, published('good'));

    expect(outcome).toMatchObject({
      type: 'ready',
      model: {
        id,
        title: 'Published model',
        fileName: 'model.gguf',
        sourceBytes: body.byteLength,
        trust: 'published',
        forms: [{ folder: `compiled/${compiledName}`, totalBytes: 200_005, target: 'wasm-int8' }],
      },
    });
    expect(phasesOf(events)).toEqual(['download', 'check', 'compile']);
    expect(files.paths).toEqual(WHOLE);
    expect(await store.list()).toEqual([modelOf(outcome)]);
    expect(await isIntact(files)).toBe(true);
  });

  test('is there at once when it was there before, and nobody is asked', async () => {
    await prepare(store, published('good'));
    const asked = host.requests.length;

    const { outcome, events } = await prepare(storeOn(files), published('good'));

    expect(outcome).toMatchObject({ type: 'ready', phases: [] });
    expect(events).toEqual([]);
    expect(host.requests.length).toBe(asked);
  });

  test.each<[Behaviour, ErrorCode]>([
    ['cut', 'download-failed'],
    ['short', 'length-mismatch'],
    ['long', 'length-mismatch'],
    ['flipped', 'checksum-mismatch'],
    ['page', 'html-not-model'],
    ['page-as-bytes', 'html-not-model'],
    ['http-404', 'download-failed'],
    ['http-500', 'download-failed'],
    ['no-answer', 'download-failed'],
    ['stall-midway', 'download-failed'],
  ])(
    'from a host that is %s: %s, nothing remains, and a good host works next',
    async (bad, code) => {
      const waiting = storeOn(files, { stallMs: stallMsFor(bad) });

      await expect(prepare(waiting, published(bad))).rejects.toMatchObject({ code });

      expect(files.paths).toEqual([]);
      expect(await store.list()).toEqual([]);
      const { outcome } = await prepare(store, published('good'));
      expect(outcome.type).toBe('ready');
      expect(files.paths).toEqual(WHOLE);
    },
  );

  test('whose body is compressed on the way is taken all the same', async () => {
    const { outcome } = await prepare(store, published('gzip'));

    expect(outcome.type).toBe('ready');
  });
});

describe('the guide', () => {
  /** A store whose guide is the body that the host serves. */
  const withGuide = (behaviour: Behaviour, other: Partial<StoreOptions> = {}) =>
    storeOn(files, {
      catalog: [],
      guide: {
        ...FAKE_GUIDE,
        url: host.url(behaviour),
        sha256: id,
        totalBytes: body.byteLength,
      },
      ...other,
    });

  test('is brought like any other model, and bears its own name', async () => {
    const { outcome, events } = await prepare(withGuide('good'), { type: 'guide' });

    expect(modelOf(outcome)).toMatchObject({ id, title: 'Guide', trust: 'published' });
    expect(phasesOf(events)).toEqual(['download', 'check', 'compile']);
    expect(files.paths).toEqual(WHOLE);
  });

  test('is there at once when it was there before, and nobody is asked', async () => {
    await prepare(withGuide('good'), { type: 'guide' });
    const asked = host.requests.length;

    const { outcome } = await prepare(withGuide('good'), { type: 'guide' });

    expect(outcome).toMatchObject({ type: 'ready', phases: [] });
    expect(host.requests.length).toBe(asked);
  });

  test.each<[Behaviour, ErrorCode, RegExp]>([
    ['http-404', 'download-failed', /did not arrive/],
    ['cut', 'download-failed', /did not arrive/],
    ['short', 'length-mismatch', /is not the small model/],
    ['flipped', 'checksum-mismatch', /is not the small model/],
    ['page', 'html-not-model', /is not the small model/],
  ])(
    'from a host that is %s: %s, in words that speak of no choice of the person',
    async (bad, code, sentence) => {
      const attempt = prepare(withGuide(bad), { type: 'guide' });

      await expect(attempt).rejects.toMatchObject({
        code,
        userMessage: expect.stringMatching(sentence),
      });
      expect(files.paths).toEqual([]);
    },
  );

  test('of an earlier version of the page is removed, its compiled form too', async () => {
    await prepare(withGuide('good'), { type: 'guide' });

    const listed = await storeOn(files, { catalog: [] }).list();

    expect(listed).toEqual([]);
    expect(files.paths).toEqual([]);
  });

  test('that a person opened from a file stays theirs when a newer one comes', async () => {
    await prepare(withGuide('good'), picked(body));

    const listed = await storeOn(files, { catalog: [] }).list();

    expect(listed).toMatchObject([{ id, trust: 'recorded' }]);
  });
});

describe('a model served beside the page', () => {
  test('is taken with the hash that it turns out to have', async () => {
    const unknown = storeOn(files, { catalog: [] });

    const { outcome, events } = await prepare(unknown, served('no-length'));

    expect(modelOf(outcome)).toMatchObject({ id, title: 'Fake 1', trust: 'recorded' });
    expect(phasesOf(events)).toEqual(['download', 'check', 'compile']);
  });

  test('that cannot be run is refused after it came, and nothing remains', async () => {
    const other = await startMisbehavingHost(fakeModel(2, 5000, 'X'));

    const attempt = prepare(store, { ...served('good'), url: other.url('good') });

    await expect(attempt).rejects.toMatchObject({ code: 'unsupported-architecture' });
    expect(files.paths).toEqual([]);
    await other.close();
  });

  test('that lies here already is not kept twice', async () => {
    await prepare(store, published('good'));

    const { outcome, events } = await prepare(store, served('good'));

    expect(phasesOf(events)).toEqual(['download', 'check']);
    expect(modelOf(outcome)).toMatchObject({ id, trust: 'published' });
    expect(files.paths).toEqual(WHOLE);
  });

  test('under a relative address is a bug of the page, not a missing file', async () => {
    const attempt = prepare(store, { type: 'served', url: 'models/a.gguf', fileName: 'a.gguf' });

    await expect(attempt).rejects.toThrow(TypeError);
  });
});

describe('a picked file', () => {
  test('is copied, checked and compiled; the catalogue vouches for what it knows', async () => {
    const { outcome, events } = await prepare(store, picked(body, 'my copy (ä).gguf'));

    expect(modelOf(outcome)).toMatchObject({ fileName: 'my copy (ä).gguf', trust: 'published' });
    expect(phasesOf(events)).toEqual(['read', 'check', 'compile']);
    expect(files.paths).toEqual(WHOLE);
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
    await prepare(store, published('good'));
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
    await prepare(store, published('good'));
    await damage(files);

    const listed = await store.list();
    const { outcome } = await prepare(store, { type: 'stored', id });

    expect(listed).toMatchObject([{ id, forms: [] }]);
    expect(outcome.type).toBe('ready');
    expect(files.paths).toEqual(WHOLE);
  });

  test('and changed on disk is deleted, said so, and can be fetched again', async () => {
    await prepare(store, published('good'));
    await files.remove(`compiled/${compiledName}`);
    files.put(`sources/${id}/model.gguf`, flipped(body));

    const attempt = prepare(store, { type: 'stored', id });

    await expect(attempt).rejects.toMatchObject({
      code: 'checksum-mismatch',
      userMessage: expect.stringContaining('on this device is damaged'),
    });
    expect(files.paths).toEqual([]);
    expect((await prepare(store, published('good'))).outcome.type).toBe('ready');
  });

  test('and changed on disk is fetched again at once when it was asked for from the catalogue', async () => {
    await prepare(store, published('good'));
    await files.remove(`compiled/${compiledName}`);
    files.put(`sources/${id}/model.gguf`, flipped(body));

    const { outcome, events } = await prepare(store, published('good'));

    expect(outcome.type).toBe('ready');
    expect(phasesOf(events)).toEqual(['check', 'download', 'check', 'compile']);
    expect(await isIntact(files)).toBe(true);
  });

  test('and changed on disk is replaced by a picked copy', async () => {
    await prepare(store, published('good'));
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

  test('lie side by side, and the second needs no download', async () => {
    await prepare(store, published('good'));

    const { outcome, events } = await prepare(store, published('good'), { target: 'webgpu-f32' });

    expect(phasesOf(events)).toEqual(['check', 'compile', 'measure']);
    expect(modelOf(outcome).forms.map(({ folder }) => folder)).toEqual([
      `compiled/${id.slice(0, 16)}-webgpu-f32-v1`,
      `compiled/${id.slice(0, 16)}-wasm-int8-v1`,
    ]);
    expect(await formsOf()).toEqual([['webgpu-f32', 'wasm-int8']]);
  });

  test('a form that is there is not built again for the sake of another', async () => {
    await prepare(store, published('good'));
    await prepare(store, { type: 'stored', id }, { target: 'webgpu-f16' });

    const { events } = await prepare(store, { type: 'stored', id });

    expect(events).toEqual([]);
  });

  test('one can be removed alone, also one that is not there', async () => {
    await prepare(store, published('good'));
    await prepare(store, published('good'), { target: 'webgpu-f32' });

    await store.removeForm(id, 'webgpu-f32');
    await store.removeForm(id, 'webgpu-f16');

    expect(await formsOf()).toEqual([['wasm-int8']]);
    expect(files.paths).toEqual(WHOLE);
  });

  test('all of them go with their model', async () => {
    await prepare(store, published('good'));
    await prepare(store, published('good'), { target: 'webgpu-f32' });

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
    const { events } = await prepare(store, published('good'), { target });

    expect(phasesOf(events)).toEqual(['download', 'check', 'compile', 'measure']);
    expect(await readManifest(files, folder, id)).toMatchObject({
      target,
      selfTest: { promptTokens: [5], greedyTokens: [body.byteLength] },
    });
  });

  test('for the CPU is not measured', async () => {
    const { events } = await prepare(store, published('good'));

    expect(phasesOf(events)).not.toContain('measure');
  });

  test('that cannot be measured does not remain', async () => {
    const failing = storeOn(files, {
      measure: () => Promise.reject(new AppError('out-of-memory', 'heap')),
    });

    const attempt = prepare(failing, published('good'), { target });

    await expect(attempt).rejects.toMatchObject({ code: 'out-of-memory' });
    expect(files.paths).toEqual(SOURCE_ONLY);
  });

  test('whose measuring is cancelled does not remain', async () => {
    const { outcome } = await prepare(store, published('good'), { target, cancelIn: 'measure' });

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual(SOURCE_ONLY);
  });
});

describe('compiling', () => {
  test('that fails keeps the verified source and nothing else', async () => {
    const broken = storeOn(files, { compile: failing(new Error('a bug')) });

    await expect(prepare(broken, published('good'))).rejects.toThrow('a bug');

    expect(files.paths).toEqual(SOURCE_ONLY);
    const { events } = await prepare(store, published('good'));
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

    await expect(
      prepare(storeOn(files, { compile: unfit }), published('good')),
    ).rejects.toMatchObject({ code: 'missing-tensor' });

    expect(files.paths).toEqual(SOURCE_ONLY);
  });

  test('whose files are not those of its manifest does not count', async () => {
    await expect(
      prepare(storeOn(files, { compile: lying }), published('good')),
    ).rejects.toMatchObject({ code: 'compiled-damaged' });

    expect(files.paths).toEqual(SOURCE_ONLY);
  });
});

describe('a cancel', () => {
  test.each<[string, ModelSource]>([
    ['a download', { type: 'catalog', entry: entryFor('stall-midway') }],
    ['a host that does not answer', { type: 'catalog', entry: entryFor('no-answer') }],
  ])('during %s leaves nothing', async (_name, source) => {
    const waiting = storeOn(files, { stallMs: 60_000 });

    const { outcome } = await prepare(waiting, at(source), { cancelAfterMs: 50 });

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual([]);
    expect((await prepare(waiting, published('good'))).outcome.type).toBe('ready');
  });

  test('that comes before the first step leaves nothing', async () => {
    const { outcome } = await prepare(store, picked(body), { cancelAfterMs: 0 });

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual([]);
  });

  test('while compiling keeps the verified source and nothing else', async () => {
    const { outcome } = await prepare(store, published('good'), { cancelIn: 'compile' });

    expect(outcome).toEqual({ type: 'cancelled' });
    expect(files.paths).toEqual(SOURCE_ONLY);
    expect((await prepare(store, published('good'))).outcome.type).toBe('ready');
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
    const small = storeOn(files, { estimate: async () => ({ usage: 900e6, quota: 1000e6 }) });
    const entry = { ...entryFor('good'), url: host.url('good'), totalBytes: 491_400_032 };

    const attempt = prepare(small, { type: 'catalog', entry });

    await expect(attempt).rejects.toMatchObject({
      code: 'storage-full',
      userMessage: expect.stringMatching(/about 1,008 MB of room.* 100 MB left/),
    });
    expect(files.paths).toEqual([]);
  });

  test.each<[string, number, string[]]>([
    ['half of the source', 100_000, []],
    ['the source and half of its compiled form', 300_000, SOURCE_ONLY],
  ])('that ends after %s leaves nothing half-written', async (_name, quotaBytes, kept) => {
    files.quotaBytes = quotaBytes;

    const attempt = prepare(store, published('good'));

    await expect(attempt).rejects.toMatchObject({
      code: 'storage-full',
      userMessage: expect.stringContaining('1 MB'),
    });
    expect(files.paths).toEqual(kept);
    files.quotaBytes = Infinity;
    expect((await prepare(store, published('good'))).outcome.type).toBe('ready');
  });

  test('is not asked for what lies here already', async () => {
    await prepare(store, published('good'));
    const full = storeOn(files, { estimate: async () => ({ usage: 1, quota: 1 }) });

    expect((await prepare(full, published('good'))).outcome.type).toBe('ready');
    expect((await prepare(full, picked(body))).outcome.type).toBe('ready');
  });

  test('that nobody can tell is not held against a model', async () => {
    const vague = storeOn(files, { estimate: async () => ({}) });

    expect((await prepare(vague, published('good'))).outcome.type).toBe('ready');
  });
});

describe('work that died', () => {
  test('leaves nothing that the next list would show or keep', async () => {
    await prepare(store, published('good'));
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
      await Promise.race([prepare(storeOn(dying.files), published('good')), dying.death]);
      files.loseLocks();

      const next = storeOn(files);
      const listed = await next.list();
      const { outcome } = await prepare(next, published('good'));

      for (const model of listed) expect(model.sourceBytes).toBe(body.byteLength);
      expect(outcome.type).toBe('ready');
      expect(files.paths).toEqual(WHOLE);
    },
  );

  test('a source whose length is wrong is not a source', async () => {
    await prepare(store, published('good'));
    files.put(`sources/${id}/model.gguf`, body.subarray(1));

    expect(await store.list()).toEqual([]);
    expect(files.paths).toEqual([]);
  });

  test('an old compiled form that another tab has open is left to the next time', async () => {
    await prepare(store, published('good'));
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
    const waiting = storeOn(files, { stallMs: 300 });
    const first = prepare(waiting, published('stall-midway'));

    await expect(prepare(waiting, picked(body))).rejects.toMatchObject({ code: 'busy' });
    await expect(waiting.remove(id)).rejects.toMatchObject({ code: 'busy' });

    await expect(first).rejects.toMatchObject({ code: 'download-failed' });
    expect((await prepare(waiting, picked(body))).outcome.type).toBe('ready');
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

    const { outcome } = await prepare(storeOn(files, { claim, compile: slow }), published('good'));

    expect(listedMeanwhile).toMatchObject([[{ id, forms: [] }]]);
    expect(outcome.type).toBe('ready');
    expect(files.paths).toEqual(WHOLE);
  });

  test('a preparation in another tab is told apart', async () => {
    const claim = claimInProcess();
    const release = await claim(0);

    const impatient: Claim = (waitMs) => claim(Math.min(waitMs, 20));
    const attempt = prepare(storeOn(files, { claim: impatient }), published('good'));

    await expect(attempt).rejects.toMatchObject({
      code: 'busy',
      userMessage: expect.stringContaining('Another tab'),
    });
    release?.();
  });

  test('a list that sweeps makes a preparation wait, not fail', async () => {
    const claim = claimInProcess();
    const release = await claim(0);
    setTimeout(() => release?.(), 50);

    const { outcome } = await prepare(storeOn(files, { claim }), published('good'));

    expect(outcome.type).toBe('ready');
  });
});

describe('removing', () => {
  test('takes the model and its compiled form, and nothing else', async () => {
    const other = fakeModel(4, 1000);
    await prepare(store, published('good'));
    await prepare(store, picked(other));

    await store.remove(idOf(other));

    expect(files.paths).toEqual(WHOLE);
    expect(await store.list()).toMatchObject([{ id }]);
  });

  test('is refused while the model is open, and nothing is taken', async () => {
    await prepare(store, published('good'));
    const open = await files.openSync(`compiled/${compiledName}/weights.bin`);

    await expect(store.remove(id)).rejects.toMatchObject({ code: 'model-in-use' });

    expect(files.paths).toEqual(WHOLE);
    open.close();
    await store.remove(id);
    expect(files.paths).toEqual([]);
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
    catalog: [entryFor('good')],
    guide: FAKE_GUIDE,
    fetch: (url, init) => fetch(url, init),
    now: () => performance.timeOrigin + performance.now(),
    estimate: null,
    stallMs: 20_000,
    ...other,
  });
}

/** Runs one preparation as the page would; resolves when the last event has arrived too. */
async function prepare(
  store: StoreApi,
  source: ModelSource,
  when: { cancelAfterMs?: number; cancelIn?: PrepareEvent['phase']; target?: Target } = {},
): Promise<{ outcome: PrepareOutcome; events: PrepareEvent[] }> {
  const { port1: page, port2: worker } = new MessageChannel();
  const events: PrepareEvent[] = [];
  const closed = new Promise((resolve) => page.addEventListener('close', resolve));
  page.onmessage = ({ data }: MessageEvent<PrepareEvent>) => {
    events.push(data);
    if (data.phase === when.cancelIn) page.postMessage('cancel');
  };
  if (when.cancelAfterMs === 0) page.postMessage('cancel');
  else if (when.cancelAfterMs !== undefined) {
    setTimeout(() => page.postMessage('cancel'), when.cancelAfterMs);
  }
  const outcome = await store.prepare(source, when.target ?? 'wasm-int8', worker);
  await closed;
  return { outcome, events };
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
const fakeMeasure: Measure = async (folder, _manifest, onStep) => {
  const graph = await folder.read('model.onnx');
  onStep();
  const weights = await folder.openSync('weights.bin');
  weights.close();
  return { promptTokens: [graph.length], greedyTokens: [weights.totalBytes], steps: [] };
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

function entryFor(behaviour: Behaviour): CatalogEntry {
  return {
    key: 'published-model',
    title: 'Published model',
    fileName: 'model.gguf',
    url: behaviour,
    totalBytes: body.byteLength,
    sha256: id,
    licence: 'Apache-2.0',
  };
}

/** Puts in the address, which is not known before the host listens. */
function at(source: ModelSource): ModelSource {
  if (source.type !== 'catalog') return source;
  return { ...source, entry: { ...source.entry, url: host.url(source.entry.url as Behaviour) } };
}

function published(behaviour: Behaviour): ModelSource {
  return at({ type: 'catalog', entry: entryFor(behaviour) });
}

function served(behaviour: Behaviour) {
  return { type: 'served', url: host.url(behaviour), fileName: 'model.gguf' } as const;
}

function picked(bytes: Uint8Array, name = 'model.gguf'): ModelSource {
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

function flipped(bytes: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[1000] = (changed[1000] ?? 0) ^ 1;
  return changed;
}

function idOf(bytes: Uint8Array): ModelId {
  return toModelId(createHash('sha256').update(bytes).digest('hex'));
}
