/**
 * A whole visit without a network, and who asked for what in it, by the DevTools protocol over page, workers, their threads
 * and the service worker.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilKept } from '../support/browser.ts';
import { answerGreedily, ask, openModel } from '../support/chat.ts';
import { launchWitnessed, type WitnessedBrowser } from '../support/devtools-witness.ts';
import { PATIENT } from '../support/patient.ts';
import { servePage, type ServedPage } from '../support/serve-page.ts';

const TINY = 'test/golden/tiny-qwen2.gguf';

let site: ServedPage;
let browser: WitnessedBrowser;

beforeAll(async () => {
  site = await servePage();
  browser = await launchWitnessed();
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

const isElsewhere = ({ url }: { readonly url: string }) =>
  !url.startsWith(site.origin) && !/^(data|blob|about|chrome):/.test(url);

test('reloads, opens the model and answers, twice, with the network cut; and nobody asked for another host', async () => {
  const { page, requests, watched } = browser;
  const ready = page.getByRole('status').filter({ hasText: /^(?!Guide ).* is ready/ });
  await page.goto(site.origin);
  await openModel(page, TINY);
  await answerGreedily(page, 8);
  const { text } = await ask(page, 'What is the capital of France?');
  await untilKept(page);
  const before = requests.length;

  await site.stop();
  const answers: string[] = [];
  for (const _ of ['first', 'second']) {
    await page.reload();
    await ready.waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'New conversation' }).first().click();
    answers.push((await ask(page, 'What is the capital of France?')).text);
  }

  // The alarm is worth what it watches: all of these were watched, and made requests that it saw.
  for (const part of ['workers/inference/', 'workers/store/', 'service.worker.js']) {
    expect(watched.filter((script) => script.includes(part)).length, part).toBeGreaterThan(0);
  }
  expect([...new Set(requests.map(({ maker }) => maker))]).toEqual(
    expect.arrayContaining(['page', 'worker', 'service_worker']),
  );
  expect(requests.length).toBeGreaterThan(before);
  expect(answers).toEqual([text, text]);
  expect(requests.filter(isElsewhere)).toEqual([]);
  expect(browser.attempts()).toEqual([]);
});

test('the alarm hears a try to get out, and the browser refused it', async () => {
  const { page, requests } = browser;
  const before = requests.length;
  await page.getByRole('button', { name: 'On this device', exact: true }).click();
  await page.getByRole('button', { name: 'Try to get out' }).click();
  await page.getByText('The browser refused every try, by the policy.').waitFor();

  const made = () => requests.slice(before).filter(isElsewhere);
  await expect.poll(() => made().length, PATIENT).toBeGreaterThan(0);
  // The page knows of a refusal before the protocol tells of it.
  await expect.poll(() => made().every(({ isRefused }) => isRefused), PATIENT).toBe(true);
  const tries = made();

  expect(new Set(tries.map(({ url }) => new URL(url).host))).toEqual(new Set(['canary.invalid']));
  expect(tries.filter(({ isRefused }) => !isRefused)).toEqual([]);
  expect(browser.attempts()).toEqual([]);
});
