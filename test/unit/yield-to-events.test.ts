import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { yieldToEvents } from '../../src/lib/yield-to-events.ts';

test('one yield lets in a message that was posted before', async () => {
  const heard: string[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<string>) => heard.push(data);
  port2.postMessage('cancel');

  await yieldToEvents();

  port1.close();
  expect(heard).toEqual(['cancel']);
});

test('in Node a program lives as long as it waits, and no longer', () => {
  const module = new URL('../../src/lib/yield-to-events.ts', import.meta.url).href;
  const program = `
    const { yieldToEvents } = await import(${JSON.stringify(module)});
    for (let i = 0; i < 3; i++) await yieldToEvents();
    process.stdout.write('done');`;
  const root = fileURLToPath(new URL('../..', import.meta.url));

  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: root, encoding: 'utf8', timeout: 30_000 },
  );

  expect({ status, stdout }).toEqual({ status: 0, stdout: 'done' });
});
