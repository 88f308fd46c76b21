import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsIn, offences } from '../support/import-rules.ts';

const ROOT = join(import.meta.dirname, '../..');

const sources = ['src', 'workers', 'models/cli'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|js)$/.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
);

test('every import is one that its layer may have', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.flatMap((path) => offences(path, readFileSync(join(ROOT, path), 'utf8')))).toEqual(
    [],
  );
});

describe('the lock names the offender', () => {
  test.each([
    ['src/ui/App.tsx', `import { EngineHost } from '../client/engine-host.ts';`, /ui .* client/],
    ['src/ui/App.tsx', `import { AppError } from '../contract/errors.ts';`, /only types/],
    ['src/state/a.ts', `import { render } from 'preact';`, /package preact/],
    ['src/engine/generate.ts', `import { env } from '#ort';`, /package #ort/],
    ['src/engine/a.ts', `const a = await import('../store/files.ts');`, /engine .* store/],
    ['src/gguf/a.ts', `import {\n  a,\n  b,\n} from '../engine/stats.ts';`, /gguf .* engine/],
    ['src/lib/a.ts', `export * from '../contract/errors.ts';`, /lib .* contract/],
    ['src/client/a.ts', `import '../../workers/store.worker.ts';`, /by URL only/],
    ['workers/a.ts', `import './store.worker.ts';`, /by URL only/],
    ['src/ui/a.ts', `import { mount } from '../main.tsx';`, /ui .* main\.tsx/],
    ['src/ui/words/en.ts', `import { FALLBACK } from '../languages.ts';`, /words .* only types/],
    ['src/ui/words/en.ts', `import { signal } from '@preact/signals';`, /package @preact/],
    ['models/cli/a.ts', `import { speak } from '../../src/ui/spoken.ts';`, /models\/cli .* ui/],
    ['src/new/a.ts', '', /no row/],
  ])('%s: %s', (path, source, message) => {
    expect(offences(path, source)).toEqual([expect.stringMatching(message)]);
  });
});

test('what is allowed, and what is only spoken of, is no offence', () => {
  const source = `
    /** import { a } from '../client/a.ts'; */
    // import { b } from '../client/b.ts';
    import type { ErrorCode } from '../contract/errors.ts';
    import { type StopReason } from '../contract/events.ts';
    import { useRef } from 'preact/hooks';
    import './app.css';
  `;

  expect(offences('src/ui/App.tsx', source)).toEqual([]);
  expect(importsIn(source)).toHaveLength(4);
});
