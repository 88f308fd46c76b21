import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { headersFor } from '../../src/pwa/headers.ts';
import { isIntact } from '../../src/pwa/integrity.ts';
import { hasHeaders, withHeaders } from '../../src/pwa/with-headers.ts';

test('a response of a host without headers gets those of the page, and keeps body, type and status', async () => {
  const bare = new Response('page', { status: 200, headers: { 'content-type': 'text/html' } });

  const response = withHeaders(bare, headersFor('/'));

  expect(hasHeaders(response, headersFor('/'))).toBe(true);
  expect(response.headers.get('content-type')).toBe('text/html');
  expect([response.status, await response.text()]).toEqual([200, 'page']);
});

test('a policy that an earlier version was kept with gives way to the present one', () => {
  const old = new Response('', { headers: { 'Content-Security-Policy': 'connect-src *' } });

  const response = withHeaders(old, headersFor('/workers/inference/a.js'));

  expect(response.headers.get('Content-Security-Policy')).toMatch(/connect-src 'self'(;|$)/);
});

test('a response that has them already is passed on untouched', () => {
  const response = new Response('', { headers: { ...headersFor('/') } });

  expect(withHeaders(response, headersFor('/'))).toBe(response);
});

test.each([204, 304])('a response of status %i has no body and gets none', (status) => {
  const response = withHeaders(new Response(null, { status }), headersFor('/'));

  expect([response.status, response.body]).toEqual([status, null]);
});

test('what cannot be looked into stays as it is', () => {
  const response = Response.error();

  expect(withHeaders(response, headersFor('/'))).toBe(response);
});

test('bytes are intact when they have the hash of the build, and not when one bit is another', async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(1000));
  const integrity = `sha256-${createHash('sha256').update(bytes).digest('base64')}`;

  const before = await isIntact(bytes.buffer, integrity);
  bytes[500] = (bytes[500] ?? 0) ^ 1;

  expect([before, await isIntact(bytes.buffer, integrity)]).toEqual([true, false]);
});

test('bytes that come in two forms are intact in either', async () => {
  const forms = [new Uint8Array(10), new Uint8Array(20)];
  const integrity = forms
    .map((form) => `sha256-${createHash('sha256').update(form).digest('base64')}`)
    .join(' ');

  expect(await Promise.all(forms.map((form) => isIntact(form.buffer, integrity)))).toEqual([
    true,
    true,
  ]);
  expect(await isIntact(new Uint8Array(30).buffer, integrity)).toBe(false);
});
