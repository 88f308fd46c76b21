import type { Marks } from './dependencies.ts';

/** The part of a directory of the browser's private file system that is needed; no more, so that tests can be it. */
interface Folder {
  getDirectoryHandle(name: string, options: { readonly create: true }): Promise<Folder>;
  getFileHandle(name: string, options: { readonly create: true }): Promise<unknown>;
  removeEntry(name: string): Promise<void>;
  keys(): AsyncIterable<string>;
}

const FOLDER = 'marks';

/**
 * Marks as empty files, whose names say everything: one message to the browser lays or lifts one. What localStorage
 * holds is written to disk many seconds later, so that a browser that is killed comes back with the past.
 * @param open the root of the private file system; rejects, or throws, where there is none
 */
export function browserMarks(open: () => Promise<Folder>): Marks {
  const opened = Promise.resolve()
    .then(open)
    .then((root) => root.getDirectoryHandle(FOLDER, { create: true }));
  let last: Promise<unknown> = opened.catch(() => {});
  /** One after the other: what is laid and lifted at once must not stay. */
  const next = (change: (folder: Folder) => Promise<unknown>) => {
    last = last.then(async () => change(await opened)).catch(() => {}); // full or forbidden: nothing is remembered
  };
  return {
    lay: (name) => next((folder) => folder.getFileHandle(name, { create: true })),
    lift: (name) => next((folder) => folder.removeEntry(name)),
    async list() {
      const names: string[] = [];
      try {
        for await (const name of (await opened).keys()) names.push(name);
      } catch {
        // Forbidden: nothing was laid.
      }
      return names;
    },
  };
}
