import type { Page } from 'playwright-core';

/** What is wrong with how the page lies, or the sheet over it, in words; nothing when all is well. */
export function layoutFaults(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    const isLaidOut = (part: Element) => part.getClientRects().length > 0;
    if (root.scrollWidth > innerWidth) found.push(`${root.scrollWidth - innerWidth} px too wide`);

    const header = document.querySelector('.app-header');
    const rows = new Set(
      [...(header?.children ?? [])].filter(isLaidOut).map((part) => {
        const { top, bottom } = part.getBoundingClientRect();
        return Math.round((top + bottom) / 2 / 8);
      }),
    );
    if (rows.size !== 1) found.push(`the header has ${rows.size} lines`);
    const last = header?.lastElementChild?.getBoundingClientRect();
    if (last === undefined || last.right > innerWidth) found.push('the header is cut off');

    const composer = document.querySelector('.composer__box')?.getBoundingClientRect();
    if (composer === undefined || composer.top < 0 || composer.bottom > innerHeight) {
      found.push('the composer is out of view');
    }

    const sheet = document.querySelector('dialog[open]');
    if (sheet !== null && sheet.scrollWidth > sheet.clientWidth) {
      const wide = [...sheet.querySelectorAll('*')].filter(
        (part) => part.getBoundingClientRect().right > innerWidth + 1,
      );
      found.push(`the sheet is too wide: ${wide.map(({ className }) => className).join(', ')}`);
    }
    for (const button of (sheet ?? document).querySelectorAll('button, summary, th, kbd')) {
      const isCut = button.scrollWidth > button.clientWidth + 1;
      const mayBe = button.querySelector('.app-header__title, [class$=__title]') !== null;
      if (isLaidOut(button) && isCut && !mayBe && getComputedStyle(button).display !== 'inline')
        found.push(`“${button.textContent}” is cut off`);
    }
    const pen = document.createElement('canvas').getContext('2d');
    for (const field of document.querySelectorAll('input')) {
      const { font, paddingLeft, paddingRight, textOverflow } = getComputedStyle(field);
      if (textOverflow === 'ellipsis') continue; // an example, not a name
      if (!isLaidOut(field) || field.placeholder === '' || pen === null) continue;
      pen.font = font;
      const room =
        field.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
      if (pen.measureText(field.placeholder).width > room)
        found.push(`“${field.placeholder}” is cut off in its field`);
    }
    for (const list of document.querySelectorAll('select')) {
      const { font, paddingLeft, paddingRight } = getComputedStyle(list);
      if (!isLaidOut(list) || pen === null) continue;
      pen.font = font;
      const chosen = list.selectedOptions[0]?.text ?? '';
      const arrow = 16; // drawn by the browser, of one size with any text
      const room =
        list.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
      if (pen.measureText(chosen).width > room - arrow)
        found.push(`“${chosen}” is cut off in its list`);
    }
    return found;
  });
}
