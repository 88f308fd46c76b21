import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { PAGE_PATHS } from './build-pages.ts';
import type { EngineName, LoadReport, LoadRequest, RunReport, RunRequest } from './protocol.ts';

/** Where pages come from and where the browser keeps what it stores. */
export interface Stage {
  readonly origin: string;
  /** A profile of its own: files that engines load from stay in it from one browser to the next. */
  readonly profileFolder: string;
  readonly browserPath: string;
  readonly browserArguments: readonly string[];
}

/** Nothing the bench waits for takes this long: 2,048 tokens at wllama's speed are three minutes on two cores. */
const LONGEST_WAIT_MS = 30 * 60_000;

/** One engine in a browser of its own. Ends with its browser: nothing is shared with the engine after it. */
export class EnginePage {
  readonly #context: BrowserContext;
  readonly #page: Page;
  readonly #lastWords: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.#page = page;
    page.on('pageerror', (error) => this.#lastWords.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#lastWords.push(message.text());
    });
  }

  static async open(engine: EngineName, stage: Stage): Promise<EnginePage> {
    const context = await chromium.launchPersistentContext(stage.profileFolder, {
      executablePath: stage.browserPath,
      // Chromium refuses its sandbox to root, which is who runs in most containers.
      args: [...stage.browserArguments, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    });
    const page = new EnginePage(context, await context.newPage());
    try {
      await page.#page.goto(`${stage.origin}/${PAGE_PATHS[engine]}`);
      await page.#page.waitForFunction(() => window.bench !== undefined);
      if (!(await page.#page.evaluate(() => crossOriginIsolated))) {
        throw new Error('the page is not cross-origin isolated');
      }
      return page;
    } catch (error) {
      await page.close();
      throw page.#withLastWords(error);
    }
  }

  prepare(): Promise<void> {
    return this.#ask(() => this.#page.evaluate(() => window.bench?.prepare()));
  }

  async load(request: LoadRequest): Promise<LoadReport> {
    return answered(
      await this.#ask(() => this.#page.evaluate((request) => window.bench?.load(request), request)),
    );
  }

  /** @throws Error when the engine ran another prompt or made another number of tokens than asked. */
  async run(request: RunRequest): Promise<RunReport> {
    const report = answered(
      await this.#ask(() => this.#page.evaluate((request) => window.bench?.run(request), request)),
    );
    const { promptTokens, newTokens } = report;
    if (promptTokens !== request.promptTokenIds.length || newTokens !== request.newTokens) {
      throw new Error(
        `ran ${promptTokens} prompt and ${newTokens} new tokens ` +
          `instead of ${request.promptTokenIds.length} and ${request.newTokens}`,
      );
    }
    return report;
  }

  /** The browser's own name and version, such as `Chrome/156.0.7000.1`. */
  async browserVersion(): Promise<string> {
    const session = await this.#context.newCDPSession(this.#page);
    const { product } = await session.send('Browser.getVersion');
    return product;
  }

  close(): Promise<void> {
    return this.#context.close();
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      const message = `no answer in ${LONGEST_WAIT_MS / 60_000} minutes`;
      timer = setTimeout(() => reject(new Error(message)), LONGEST_WAIT_MS);
    });
    try {
      return await Promise.race([question(), tooLong]);
    } catch (error) {
      throw this.#withLastWords(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #withLastWords(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    const words = [message, ...this.#lastWords.slice(-2)].map((text) => text.split('\n')[0]);
    return new Error(words.join('; ').slice(0, 500), { cause: error });
  }
}

function answered<T>(answer: T | undefined): T {
  if (answer === undefined) throw new Error('the page has lost its engine');
  return answer;
}
