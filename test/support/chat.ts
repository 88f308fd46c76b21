/** What a person does with the page, and what they read there. */
import type { Locator, Page, Worker } from 'playwright-core';

/** Waits until the model that comes with the page can be asked. */
export async function untilGuideIsReady(page: Page, limitMs = 60_000): Promise<void> {
  const ready = page.getByRole('status').filter({ hasText: /^Guide is ready/ });
  await ready.waitFor({ timeout: limitMs, state: 'attached' });
}

/** Gives the page a file of one's own, as one does under Models. */
export async function chooseFile(page: Page, path: string): Promise<void> {
  await page.getByRole('button', { name: /^Model: / }).click();
  await page.getByTestId('open-file').setInputFiles(path);
}

/** Gives the page a model file and waits until it can be asked. Throws what the page says when that fails. */
export async function openModel(page: Page, path: string, limitMs = 60_000): Promise<void> {
  await chooseFile(page, path);
  const ready = page.getByRole('status').filter({ hasText: /^(?!Guide ).* is ready/ });
  const failure = page.getByRole('alert');
  await ready.or(failure).first().waitFor({ timeout: limitMs, state: 'attached' });
  if ((await failure.count()) > 0) throw new Error(await failure.first().innerText());
}

export interface ReadAnswer {
  readonly text: string;
  /** The line below it, as one reads it: `14.2 tok/s · first token 0.31 s · …` */
  readonly line: string;
  /** Every number by its name, with its unit. */
  readonly figures: Readonly<Record<string, string>>;
}

/** Asks, waits for the ending and reads what is there then. */
export async function ask(page: Page, question: string, limitMs = 60_000): Promise<ReadAnswer> {
  const answers = page.locator('article.answer:not([aria-busy])');
  const before = await answers.count();
  await page.getByLabel('Your question').fill(question);
  await page.locator('.composer__go[type=submit][aria-disabled=false]').waitFor();
  await startAsking(page, question);
  const answer = answers.nth(before);
  await answer.waitFor({ timeout: limitMs });
  return {
    text: await answer.locator('.answer__text').innerText(),
    line: (await answer.locator('summary').first().innerText()).trim(),
    figures: Object.fromEntries(
      await answer
        .locator('.figure-list__row')
        .evaluateAll((rows) =>
          rows.map((row) => [
            row.querySelector('dt')?.textContent ?? '',
            row.querySelector('.figure-list__value')?.textContent ?? '',
          ]),
        ),
    ),
  };
}

/** Asks and waits for nothing. */
export async function startAsking(page: Page, question: string): Promise<void> {
  const field = page.getByLabel('Your question');
  await field.fill(question);
  await field.press('Enter');
}

/**
 * Greedy and short, so that the same questions get the same answers and a conversation fits the tiny model's context:
 * it is random, and would go on for ever.
 */
export async function answerGreedily(page: Page, longestTokens = 24): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).first().click();
  await page.getByLabel('Temperature').fill('0');
  await page.getByLabel('Repetition penalty').fill('1');
  await page.getByLabel('Longest answer, tokens').fill(String(longestTokens));
  await closeSheet(page);
}

/** Closes the sheet with Escape; has gone when the page behind it has the focus and the keys again. */
export async function closeSheet(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator('.sheet__body').waitFor({ state: 'detached' });
  // The focus comes back after the next frame.
  await page.evaluate(
    () => new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done))),
  );
}

/** Waits until there is something in the sheet: what it shows is fetched when it is first opened. */
export async function untilSheetIsFilled(sheet: Locator): Promise<void> {
  await sheet.locator('.sheet__content > *').first().waitFor();
}

/** Gives the window a size and waits until the page has it. */
export async function resize(
  page: Page,
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  await page.setViewportSize(size);
  await page.waitForFunction(
    ({ width, height }) => innerWidth === width && innerHeight === height,
    size,
  );
  await untilDrawn(page);
}

/** Waits until the page was laid out and drawn as it is now. */
export async function untilDrawn(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );
}

/** Puts a failure aside, as one does before trying another file. */
export async function dismissFailure(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Dismiss' }).click();
}

/** Slows the answers of an inference worker down to a hundred tokens a second, so that a person's hand can be tested on them. */
export function slowDown(worker: Worker): Promise<void> {
  return worker.evaluate(() => {
    const postMessage: (this: MessagePort, message: unknown) => void = Reflect.get(
      MessagePort.prototype,
      'postMessage',
    );
    MessagePort.prototype.postMessage = function (this: MessagePort, message: { type?: string }) {
      postMessage.call(this, message);
      if (message?.type !== 'step') return;
      for (const until = performance.now() + 10; performance.now() < until;);
    };
  });
}

/**
 * Lets an inference worker die in the midst of its next answer, after the twentieth step: engines are too fast to be caught at
 * it from outside.
 */
export function dieInMidAnswer(worker: Worker): Promise<void> {
  return worker.evaluate(() => {
    const postMessage: (this: MessagePort, message: unknown) => void = Reflect.get(
      MessagePort.prototype,
      'postMessage',
    );
    let steps = 0;
    MessagePort.prototype.postMessage = function (this: MessagePort, message: { type?: string }) {
      postMessage.call(this, message);
      if (message?.type !== 'step' || ++steps !== 20) return;
      // The page hears of the steps first, then of the death; a fast engine would be done before either.
      for (const until = performance.now() + 1_000; performance.now() < until;);
      reportError(new Error('killed by a test'));
      for (;;);
    };
  });
}

/** The newest worker of the page by the folder of its script; waits for one that is about to start. */
export async function workerOf(
  page: Page,
  name: 'inference' | 'store' | 'download',
): Promise<Worker> {
  const isIt = (worker: Worker) => worker.url().includes(`/workers/${name}/`);
  return page.workers().findLast(isIt) ?? page.waitForEvent('worker', isIt);
}
