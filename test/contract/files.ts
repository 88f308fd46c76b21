/**
 * What every `Files` must do. Plain functions that throw: Vitest runs them in Node, and a page can run them in a
 * worker on OPFS, where no test runner is.
 */
import { readWhole, writeWhole, type EditableFiles, type Files } from '../../src/store/files.ts';
import { equal, refusesWith, rejectsWith } from './assertions.ts';

export interface FilesScenario {
  readonly name: string;
  /** @param files fresh and empty */
  readonly run: (files: Files) => Promise<void>;
}

export const filesScenarios: readonly FilesScenario[] = [
  {
    name: 'a file reads back as it was written, in pieces of any size',
    run: async (files) => {
      const bytes = countingBytes(3_000_000);

      await write(files, 'a/b/model.gguf', bytes, [1, 65_536, 1_048_576, 7, 1_500_000]);

      equal(await files.size('a/b/model.gguf'), bytes.byteLength);
      const source = await files.open('a/b/model.gguf');
      equal(source.totalBytes, bytes.byteLength);
      sameBytes(await source.read(0, bytes.byteLength), bytes);
      sameBytes(await source.read(1_999_990, 20), bytes.subarray(1_999_990, 2_000_010));
      sameBytes(await source.read(bytes.byteLength, 0), new Uint8Array(0));
    },
  },
  {
    name: 'synchronous reading fills the target from the offset',
    run: async (files) => {
      const bytes = countingBytes(300_000);
      await write(files, 'weights.bin', bytes, [300_000]);
      const target = new Uint8Array(1000);

      const source = await files.openSync('weights.bin');
      source.readInto(123_456, target);

      sameBytes(target, bytes.subarray(123_456, 124_456));
      equal(source.totalBytes, bytes.byteLength);
      source.close();
    },
  },
  {
    name: 'a read past the end is refused, not shortened',
    run: async (files) => {
      await write(files, 'short', countingBytes(10), [10]);
      const source = await files.open('short');
      const sync = await files.openSync('short');

      await rejectsWith(RangeError, () => source.read(5, 6));
      await rejectsWith(RangeError, async () => sync.readInto(5, new Uint8Array(6)));
      sync.close();
    },
  },
  {
    name: 'what is not there has no size, lists as empty and can be removed',
    run: async (files) => {
      equal(await files.size('nothing'), null);
      equal(await files.size('no/such/file'), null);
      equal((await files.list('nowhere')).length, 0);
      await files.remove('nothing');
      await files.remove('no/such/file');
      await refusesWith('model-missing', () => files.open('nothing'));
      await refusesWith('model-missing', () => files.openSync('no/such/file'));
      await refusesWith('model-missing', () => files.move('nothing', 'something'));
    },
  },
  {
    name: 'a folder lists its own files and folders by name, not those deeper down',
    run: async (files) => {
      await write(files, 'm/two', countingBytes(2), [2]);
      await write(files, 'm/one/deep', countingBytes(1), [1]);
      await write(files, 'other', countingBytes(1), [1]);

      const inside = await files.list('m');
      const top = await files.list('');

      equal(JSON.stringify(inside.map(describe)), '["one folder","two file"]');
      equal(JSON.stringify(top.map(describe)), '["m folder","other file"]');
      equal(await files.size('m'), null);
    },
  },
  {
    name: 'removing a folder removes all in it and nothing beside it',
    run: async (files) => {
      await write(files, 'm/a/b/c', countingBytes(1), [1]);
      await write(files, 'm/d', countingBytes(1), [1]);
      await write(files, 'mm', countingBytes(1), [1]);

      await files.remove('m');

      equal(await files.size('m/a/b/c'), null);
      equal(await files.size('m/d'), null);
      equal(await files.size('mm'), 1);
    },
  },
  {
    name: 'an aborted file is gone, and its name is free again',
    run: async (files) => {
      const file = await files.create('x/half.part');
      await file.write(countingBytes(2_000_000));

      await file.abort();

      equal(await files.size('x/half.part'), null);
      await file.abort();
      await file.close();
      await rejectsWith(Error, () => file.write(countingBytes(1)));
      await write(files, 'x/half.part', countingBytes(3), [3]);
      equal(await files.size('x/half.part'), 3);
    },
  },
  {
    name: 'a closed file stays when it is aborted afterwards',
    run: async (files) => {
      const file = await files.create('done');
      await file.write(countingBytes(5));
      await file.close();

      await file.close();
      await file.abort();

      equal(await files.size('done'), 5);
      await rejectsWith(Error, () => file.write(countingBytes(1)));
    },
  },
  {
    name: 'creating over an old file empties it first',
    run: async (files) => {
      await write(files, 'record', countingBytes(100), [100]);

      await write(files, 'record', countingBytes(3), [3]);

      sameBytes(await wholeOf(files, 'record'), countingBytes(3));
    },
  },
  {
    name: 'moving takes the name of what was there before',
    run: async (files) => {
      await write(files, 'in.part', countingBytes(50), [50]);
      await write(files, 'kept/model', countingBytes(3), [3]);

      await files.move('in.part', 'kept/model');
      await files.move('kept/model', 'new/folder/model');

      equal(await files.size('in.part'), null);
      equal(await files.size('kept/model'), null);
      sameBytes(await wholeOf(files, 'new/folder/model'), countingBytes(50));
    },
  },
  {
    name: 'a file that is being written can be neither created again, moved nor removed, nor can its folder',
    run: async (files) => {
      await write(files, 'w/beside', countingBytes(7), [7]);
      const file = await files.create('w/busy');
      await file.write(countingBytes(1));

      await refusesWith('model-in-use', () => files.create('w/busy'));
      await refusesWith('model-in-use', () => files.move('w/busy', 'elsewhere'));
      await refusesWith('model-in-use', () => files.remove('w/busy'));
      await refusesWith('model-in-use', () => files.remove('w'));
      equal(await files.size('w/beside'), 7);

      await file.close();
      equal(await files.size('w/busy'), 1);
      await files.remove('w');
      equal(await files.size('w/busy'), null);
    },
  },
  {
    name: 'a small file written whole leaves no part behind',
    run: async (files) => {
      await writeWhole(files, 'r/record.json', countingBytes(20));
      await writeWhole(files, 'r/record.json', countingBytes(10));

      equal(JSON.stringify((await files.list('r')).map(describe)), '["record.json file"]');
      sameBytes(await wholeOf(files, 'r/record.json'), countingBytes(10));
      equal(await readWhole(files, 'r/other.json'), null);
    },
  },
  {
    name: 'a path that would leave the store is a bug and is thrown as one',
    run: async (files) => {
      for (const path of ['', '/a', 'a/../b', '..', './a', 'a//b', 'a\\b', 'a/', 'a b', 'ä']) {
        await rejectsWith(Error, () => files.create(path));
        await rejectsWith(Error, () => files.remove(path));
      }
    },
  },
];

export interface EditableFilesScenario {
  readonly name: string;
  /** @param files fresh and empty */
  readonly run: (files: EditableFiles) => Promise<void>;
}

/** For those that can also write in the middle of a file. */
export const editableFilesScenarios: readonly EditableFilesScenario[] = [
  {
    name: 'a file is edited where one likes, and a gap reads as zeros',
    run: async (files) => {
      const file = await files.edit('d/part');
      await file.write(10, countingBytes(5));
      await file.write(2, countingBytes(3));
      const found = new Uint8Array(15);
      await file.readInto(0, found);

      sameBytes(found, Uint8Array.of(0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4));
      equal(file.totalBytes, 15);
      await rejectsWith(RangeError, () => file.readInto(10, new Uint8Array(6)));
      await file.close();
    },
  },
  {
    name: 'what was edited is there for the next who edits it, and can be cut and filled up',
    run: async (files) => {
      const first = await files.edit('part');
      await first.write(0, countingBytes(100));
      await first.flush();
      await first.close();
      await first.close();

      const second = await files.edit('part');
      equal(second.totalBytes, 100);
      await second.resize(60);
      await second.resize(62);
      await second.close();

      sameBytes(await wholeOf(files, 'part'), Uint8Array.from([...countingBytes(60), 0, 0]));
    },
  },
  {
    name: 'a file that is being edited is locked like one that is being written',
    run: async (files) => {
      const file = await files.edit('d/part');

      await refusesWith('model-in-use', () => files.edit('d/part'));
      await refusesWith('model-in-use', () => files.move('d/part', 'elsewhere'));
      await refusesWith('model-in-use', () => files.remove('d'));

      await file.close();
      await files.move('d/part', 'elsewhere');
      equal(await files.size('elsewhere'), 0);
    },
  },
];

/** `0, 1, 2 … 250, 0 …`: 251 is prime, so a piece that is put in the wrong place does not fit. */
function countingBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = at % 251;
  return bytes;
}

async function write(
  files: Files,
  path: string,
  bytes: Uint8Array,
  pieces: readonly number[],
): Promise<void> {
  const file = await files.create(path);
  let at = 0;
  for (const piece of pieces) {
    // A copy that is spoilt afterwards: a sink must not keep what it was given.
    const lent = bytes.slice(at, at + piece);
    await file.write(lent);
    lent.fill(0xee);
    at += piece;
  }
  await file.write(bytes.subarray(at));
  await file.close();
}

async function wholeOf(files: Files, path: string): Promise<Uint8Array> {
  const bytes = await readWhole(files, path);
  if (bytes === null) throw new Error(`${path} is missing`);
  return bytes;
}

function describe({ name, kind }: { name: string; kind: string }): string {
  return `${name} ${kind}`;
}

function sameBytes(actual: Uint8Array, expected: Uint8Array): void {
  equal(actual.byteLength, expected.byteLength);
  for (let at = 0; at < expected.byteLength; at++) {
    if (actual[at] !== expected[at]) throw new Error(`byte ${at} is not what was written`);
  }
}
