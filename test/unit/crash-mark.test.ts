import { describe, expect, test } from 'vitest';
import { toModelId } from '../../src/contract/model.ts';
import { browserPresence } from '../../src/state/browser-presence.ts';
import { createCrashMark, type Risk } from '../../src/state/crash-mark.ts';
import { fakeMarks, FakePresence } from '../support/fake-dependencies.ts';

const RISK: Risk = { model: toModelId('a'.repeat(64)), rung: 'webgpu-f32', phase: 'weights' };

/** A browser in which pages are opened one after the other. */
function openBrowser(marks = fakeMarks()) {
  const open = new Set<string>();
  let pages = 0;
  return {
    openPage() {
      const presence = new FakePresence(`page-${++pages}`, open);
      return { presence, mark: createCrashMark(marks, presence) };
    },
  };
}

describe('a page that opens', () => {
  test('finds what the page before it died of, once', async () => {
    const browser = openBrowser();
    const before = browser.openPage();
    before.mark.lay(RISK);
    before.presence.die();
    const after = browser.openPage();

    const found = await after.mark.find();

    expect(found).toEqual(RISK);
    expect(await after.mark.find()).toBeNull();
  });

  test('finds nothing when all went well', async () => {
    const browser = openBrowser();
    const before = browser.openPage();
    const lift = before.mark.lay(RISK);
    lift();
    before.presence.die();

    expect(await browser.openPage().mark.find()).toBeNull();
  });

  test('does not take a page that is still at it for a dead one', async () => {
    const browser = openBrowser();
    const other = browser.openPage();
    other.mark.lay(RISK);

    expect(await browser.openPage().mark.find()).toBeNull();

    other.presence.die();
    expect(await browser.openPage().mark.find()).toEqual(RISK);
  });

  test('is told of the phase that was begun last', async () => {
    const browser = openBrowser();
    const before = browser.openPage();
    const liftFirst = before.mark.lay(RISK);
    before.mark.lay({ ...RISK, phase: 'warm-up' });
    liftFirst();
    before.presence.die();

    expect(await browser.openPage().mark.find()).toEqual({ ...RISK, phase: 'warm-up' });
  });

  test('is told of a file whose hash nobody knew', async () => {
    const browser = openBrowser();
    const before = browser.openPage();
    before.mark.lay({ ...RISK, model: null });
    before.presence.die();

    expect(await browser.openPage().mark.find()).toEqual({ ...RISK, model: null });
  });

  test.each([
    ['without parts', 'x'],
    ['of no page', `~${'a'.repeat(64)}~webgpu-f32~weights`],
    ['of a rung that nobody knows', `x~${'a'.repeat(64)}~quantum~weights`],
    ['of a model that is none', 'x~../..~webgpu-f32~weights'],
    ['of too many parts', `x~${'a'.repeat(64)}~webgpu-f32~weights~more`],
  ])('makes nothing of a mark %s, and takes it away', async (_what, name) => {
    const marks = fakeMarks([name]);

    expect(await openBrowser(marks).openPage().mark.find()).toBeNull();
    expect(await marks.list()).toEqual([]);
  });
});

describe('a page out of sight', () => {
  test('leaves no mark, for systems end those at will', async () => {
    const browser = openBrowser();
    const before = browser.openPage();
    before.mark.lay(RISK);
    before.presence.hide();
    before.presence.die();

    expect(await browser.openPage().mark.find()).toBeNull();
  });

  test('that comes back has its mark again', async () => {
    const browser = openBrowser();
    const before = browser.openPage();
    before.presence.hide();
    before.mark.lay(RISK);
    before.presence.show();
    before.presence.die();

    expect(await browser.openPage().mark.find()).toEqual(RISK);
  });

  test('does not take the mark of another', async () => {
    const browser = openBrowser();
    const first = browser.openPage();
    const second = browser.openPage();
    first.mark.lay(RISK);
    second.presence.hide();
    first.presence.die();

    expect(await browser.openPage().mark.find()).toEqual(RISK);
  });
});

describe('the presence of a page in a browser', () => {
  class FakeDocument extends EventTarget {
    visibilityState: 'visible' | 'hidden' = 'visible';

    become(state: 'visible' | 'hidden'): void {
      this.visibilityState = state;
      this.dispatchEvent(new Event('visibilitychange'));
    }
  }

  class FakeLocks {
    readonly #held: { name: string }[] = [];

    request(name: string, hold: () => Promise<void>): Promise<unknown> {
      this.#held.push({ name });
      return hold();
    }

    query() {
      return Promise.resolve({ held: [...this.#held] });
    }
  }

  test('shows to other pages of its origin', async () => {
    const locks = new FakeLocks();
    const make = (id: string) => browserPresence(id, new FakeDocument(), new EventTarget(), locks);
    make('one');

    const two = make('two');

    expect(await two.isOpen('one')).toBe(true);
    expect(await two.isOpen('three')).toBe(false);
  });

  test('is not known where there are no locks', async () => {
    const alone = browserPresence('one', new FakeDocument(), new EventTarget(), undefined);

    expect(await alone.isOpen('two')).toBe(false);
  });

  test('tells when the page is hidden, seen again, and closed', () => {
    const document = new FakeDocument();
    const window = new EventTarget();
    const seen: boolean[] = [];
    browserPresence('one', document, window, undefined).watch((isSeen) => seen.push(isSeen));

    document.become('hidden');
    document.become('visible');
    window.dispatchEvent(new Event('pagehide'));
    window.dispatchEvent(new Event('pageshow'));

    expect(seen).toEqual([false, true, false, true]);
  });
});
