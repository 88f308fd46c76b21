import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/lib/assert.ts';

/** Custom properties of both themes, as tokens.css states them. */
const CSS = readFileSync(new URL('../../src/ui/styles/tokens.css', import.meta.url), 'utf8');
const [LIGHT = '', DARK = ''] = CSS.split('prefers-color-scheme: dark');

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('the %s theme', (_name, css) => {
  test.each(['--ink', '--ink-2', '--accent', '--amber', '--red'])(
    'text in %s has a contrast of at least 7 : 1 on paper',
    (name) => {
      expect(contrast(colour(css, name), colour(css, '--paper'))).toBeGreaterThanOrEqual(7);
    },
  );

  test.each([
    ['--ink', '--soft'],
    ['--on-accent', '--accent'],
    ['--on-accent', '--accent-strong'],
  ])('text in %s has a contrast of at least 7 : 1 on %s', (text, ground) => {
    expect(contrast(colour(css, text), colour(css, ground))).toBeGreaterThanOrEqual(7);
  });

  test('the edges of controls have a contrast of at least 4.5 : 1', () => {
    expect(contrast(colour(css, '--control'), colour(css, '--paper'))).toBeGreaterThanOrEqual(4.5);
  });
});

function colour(css: string, name: string): readonly number[] {
  const match = new RegExp(`${name}: #([0-9a-f]{6});`).exec(css);
  const hex = present(match?.[1], name);
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
}

/** WCAG 2.2, definitions of contrast ratio and relative luminance. */
function contrast(one: readonly number[], other: readonly number[]): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((channel) =>
    channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
