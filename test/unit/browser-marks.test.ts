import { describe, expect, test } from 'vitest';
import { browserMarks } from '../../src/state/browser-marks.ts';

/** A directory of the private file system, each change of which takes a while. */
class FakeFolder {
  readonly folders = new Map<string, FakeFolder>();
  readonly files = new Set<string>();

  getDirectoryHandle(name: string): Promise<FakeFolder> {
    const folder = this.folders.get(name) ?? new FakeFolder();
    this.folders.set(name, folder);
    return Promise.resolve(folder);
  }

  async getFileHandle(name: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 2)); // longer than removing takes
    this.files.add(name);
  }

  removeEntry(name: string): Promise<void> {
    return this.files.delete(name)
      ? Promise.resolve()
      : Promise.reject(new DOMException('no such file', 'NotFoundError'));
  }

  async *keys(): AsyncGenerator<string> {
    await Promise.resolve();
    yield* this.files;
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the marks of a browser', () => {
  test('are seen by the next page', async () => {
    const disk = new FakeFolder();
    browserMarks(() => Promise.resolve(disk)).lay('one');
    await settled();

    expect(await browserMarks(() => Promise.resolve(disk)).list()).toEqual(['one']);
  });

  test('do not stay when they are lifted at once', async () => {
    const marks = browserMarks(() => Promise.resolve(new FakeFolder()));
    marks.lay('one');
    marks.lift('one');
    await settled();

    expect(await marks.list()).toEqual([]);
  });

  test('can be laid after one was lifted that was not there', async () => {
    const marks = browserMarks(() => Promise.resolve(new FakeFolder()));
    marks.lift('none');
    marks.lay('one');
    await settled();

    expect(await marks.list()).toEqual(['one']);
  });

  test.each([
    ['is refused', () => Promise.reject(new DOMException('forbidden', 'SecurityError'))],
    [
      'is missing',
      () => {
        throw new TypeError('getDirectory is no function');
      },
    ],
  ])('are none where storage %s, and nothing throws', async (_how, open) => {
    const marks = browserMarks(open);
    marks.lay('one');
    marks.lift('one');

    expect(await marks.list()).toEqual([]);
  });
});
