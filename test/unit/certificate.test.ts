import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { certificateFor } from '../../serve/certificate.ts';

let folder = '';
const path = () => join(folder, 'certificate.json');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offgrid-certificate-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a certificate is one that phones take: for these addresses, a server’s, at most 398 days', async () => {
  const made = new X509Certificate(
    (await certificateFor(folder, ['192.168.7.9', '10.0.0.1'])).cert,
  );
  const days = (Date.parse(made.validTo) - Date.parse(made.validFrom)) / 86_400_000;

  expect(made.checkIP('192.168.7.9')).toBe('192.168.7.9');
  expect(made.checkIP('10.0.0.1')).toBe('10.0.0.1');
  expect(made.checkIP('192.168.7.10')).toBeUndefined();
  expect(made.ca).toBe(false);
  expect(days).toBeLessThanOrEqual(398);
});

test('the next start shows the same one, so that the phone need not be asked again', async () => {
  const first = await certificateFor(folder, ['192.168.7.9']);

  expect(await certificateFor(folder, ['192.168.7.9'])).toEqual(first);
});

test('in another network there is a new one', async () => {
  const first = await certificateFor(folder, ['192.168.7.9']);
  const second = await certificateFor(folder, ['10.0.0.1']);

  expect(second.cert).not.toBe(first.cert);
});

test('a damaged one is replaced', async () => {
  await writeFile(path(), '{"cert":"x","key":"y"}');

  const made = await certificateFor(folder, ['192.168.7.9']);

  expect(new X509Certificate(made.cert).checkIP('192.168.7.9')).toBe('192.168.7.9');
});

test.skipIf(process.platform === 'win32')('its key is for this user alone to read', async () => {
  await certificateFor(folder, ['192.168.7.9']);

  expect((await stat(path())).mode & 0o077).toBe(0);
});
