import core from 'highlight.js/lib/core';
import { all } from 'lowlight';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, test, vi } from 'vitest';
import { Prng } from '../../src/lib/prng.ts';
import { Blocks } from '../../src/ui/markdown/Blocks.tsx';
import { highlight } from '../../src/ui/markdown/highlight.ts';
import { GrowingMarkdown, parseMarkdown } from '../../src/ui/markdown/parse-markdown.ts';
import { Parts } from '../../src/ui/markdown/Parts.tsx';
import { safeAddress } from '../../src/ui/markdown/safe-address.ts';
import { hostileReply } from '../support/hostile-replies.ts';
import '../support/speak-english.ts';

function render(text: string): string {
  const tokens = parseMarkdown(text);
  return tokens === null ? text : renderToString(h(Blocks, { tokens }));
}

describe('what a model writes is shown as', () => {
  test.each([
    [
      'words',
      'Hello **you**, *there*',
      '<p dir="auto">Hello <strong>you</strong>, <em>there</em></p>',
    ],
    ['lines', 'one\ntwo', '<p dir="auto">one<br/>two</p>'],
    ['a heading', '## Name', '<h3 class="markdown__heading--2" dir="auto">Name</h3>'],
    [
      'a list',
      '1. a\n2. b',
      '<ol start="1"><li dir="auto"><span>a</span></li><li dir="auto"><span>b</span></li></ol>',
    ],
    ['a quotation', '> said', '<blockquote><p dir="auto">said</p></blockquote>'],
    ['code', '`a<b`', '<p dir="auto"><code>a&lt;b</code></p>'],
    ['characters that were escaped', 'a &lt; b', '<p dir="auto">a &lt; b</p>'],
  ])('%s', (_what, text, html) => {
    expect(render(text)).toBe(html);
  });

  test('a table, each column on its side', () => {
    const html = render('|a|b|\n|-|-:|\n|1|2|');

    expect(html).toContain('<th scope="col">a</th>');
    expect(html).toContain('<td class="markdown__cell--right">2</td>');
  });

  test('code with its language', () => {
    const html = render('```python\nprint("<b>")\n```');

    expect(html).toContain('<span>python</span>');
    expect(html).toContain('print("&lt;b>")'.replaceAll('"', '&quot;'));
  });

  test('a link that says where it leads, in full', () => {
    const html = render('[bank](https://b\u0430nk.example/a)');

    expect(html).toContain('bank (<a href="https://xn--bnk-6cd.example/a"');
    expect(html).toContain('>https://xn--bnk-6cd.example/a</bdi>');
  });

  test('an image by its name and address, and is not fetched', () => {
    expect(render('![x](https://e.example/p.png)')).toContain(
      '[Image, not fetched: x https://e.example/p.png]',
    );
  });

  test('HTML as the text it is', () => {
    expect(render('<script>alert(1)</script>')).toBe(
      '<p dir="auto">&lt;script>alert(1)&lt;/script></p>',
    );
  });

  test('characters that turn text around, made visible', () => {
    expect(render('a\u202Eb')).toContain('a[U+202E]b');
    expect(render('a&#x202e;b')).toContain('a[U+202E]b');
  });
});

describe('a text in parts', () => {
  const texts = Array.from({ length: 300 }, (_, index) => `Number **${index}**.`);

  test('says the same as in one', () => {
    const text = texts.slice(0, 40).join('\n\n');
    const tokens = parseMarkdown(text) ?? [];

    const html = renderToString(h(Parts, { tokens }));

    expect(html.match(/<div class="markdown__part">/g)?.length).toBeGreaterThan(1);
    expect(html.replaceAll(/<div class="markdown__part">|<\/div>/g, '')).toBe(render(text));
  });

  test('has its ends made at once if it is very long, and its middle said as it was written', () => {
    const tokens = parseMarkdown(texts.join('\n\n')) ?? [];

    const html = renderToString(h(Parts, { tokens }));

    expect(html).toContain('Number <strong>0</strong>.');
    expect(html).toContain('Number **150**.');
    expect(html).toContain('Number <strong>299</strong>.');
    expect(html.match(/<strong>/g)?.length).toBeLessThan(100);
  });
});

test.each([
  ['https://a.example/?q=1', 'https://a.example/?q=1'],
  ['mailto:a@b.example', 'mailto:a@b.example'],
  ['javascript:alert(1)', null],
  ['JAVASCRIPT:alert(1)', null],
  ['data:text/html,x', null],
  ['file:///etc/passwd', null],
  ['//evil.example', null],
  ['/workers/x', null],
  ['blob:https://a.example/x', null],
  ['https://', null],
])('of %s the address to follow is %s', (href, address) => {
  expect(safeAddress(href)).toBe(address);
});

test('a text that grows is shown as it would be whole, at every length', () => {
  const text =
    '# Title\n\nA paragraph with **bold** and `code`.\n\n- one\n- two\n\n  still two\n\nMore.\n\n```js\nconst a = 1;\n\nconst b = 2;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nLast **words**.\n\nEnd.';
  const growing = new GrowingMarkdown();
  const shown: string[] = [];
  for (let length = 1; length <= text.length; length++) {
    const tokens = growing.read(text.slice(0, length));
    if (tokens !== null) shown.push(renderToString(h(Blocks, { tokens })));
  }

  expect(shown).toHaveLength(text.length);
  expect(shown.at(-1)).toBe(render(text));
  // Marks that are still open never show up.
  expect(shown.filter((html) => /\*\*\w|`\w/.test(html))).toEqual([]);
});

test('a text that has grown is, at its end, what it would be whole', () => {
  const seed = 20_261_125;
  const prng = new Prng(seed);
  const differ: string[] = [];
  for (let index = 0; index < 300; index++) {
    const parts = Array.from({ length: 2 + below(prng, 8) }, () =>
      prng.nextFraction() < 0.2 ? hostileReply(prng) : (PARTS[below(prng, PARTS.length)] ?? ''),
    );
    const text = parts.join(prng.nextFraction() < 0.7 ? '\n\n' : '\n');
    const growing = new GrowingMarkdown();
    for (let length = 0; length < text.length; length += 1 + below(prng, 40)) {
      growing.read(text.slice(0, length));
    }
    const tokens = growing.finish(text);
    const grown = tokens === null ? text : renderToString(h(Blocks, { tokens }));
    if (grown !== render(text)) differ.push(`seed ${seed}, text ${index}: ${JSON.stringify(text)}`);
  }

  expect(differ).toEqual([]);
}, 60_000);

const PARTS = [
  '# Title',
  'A paragraph with **bold**, `code` and [a link][a].\nIt has two lines.',
  '[a]: https://a.example/first',
  '[A]: https://a.example/second "late"',
  '> said [b]\n> twice',
  '> [b]: https://b.example/',
  '- one\n- two',
  '- three\n\n  of [a]',
  '1. first\n2. second',
  '  goes on',
  '    indented code',
  '```js\nconst a = 1;\n\nconst b = 2;\n```',
  '```',
  '| a | b |\n|---|---|\n| 1 | 2 |',
  '<!-- hidden\n\nstill -->',
  '<pre>\n\n</pre>',
  '***',
  'Heading\n---',
  '**open',
  '`open',
] as const;

function below(prng: Prng, limit: number): number {
  return Math.floor(prng.nextFraction() * limit);
}

test('each word of a long text costs its last blocks only, and so does its end', () => {
  const part =
    'A paragraph with **bold**.\n\n- one\n- two\n\n```js\nconst a = 1;\n```\n\n| a |\n|---|\n| 1 |\n\n';
  const text = part.repeat(200);
  const growing = new GrowingMarkdown();
  const known = new Set<unknown>();
  const madeAnew = (tokens: readonly unknown[] | null) => {
    const fresh = (tokens ?? []).filter((token) => !known.has(token));
    for (const token of fresh) known.add(token);
    return fresh.length;
  };
  const costs: number[] = [];
  for (let length = 0; length < text.length; length += 7) {
    costs.push(madeAnew(growing.read(text.slice(0, length))));
  }
  const end = growing.finish(text);
  costs.push(madeAnew(end));

  expect(end?.length).toBeGreaterThan(1_000);
  expect(Math.max(...costs)).toBeLessThan(8);
});

test('a grammar is made when its language is first met, with those of languages within it', async () => {
  vi.resetModules();
  const fresh = await import('../../src/ui/markdown/highlight.ts');
  const before = fresh.learntGrammars();
  fresh.highlight('x = 1', 'py');
  const afterOne = fresh.learntGrammars();
  const page = fresh.highlight('<script>const a = 1;</script>', 'html');

  expect([before, afterOne]).toEqual([0, 1]);
  expect(JSON.stringify(page)).toContain('hljs-keyword');
});

test('a language goes by every name that its grammar knows', () => {
  const ours = Object.entries(all).filter(([name]) => highlight('a', name) !== null);
  for (const [name, grammar] of ours) core.registerLanguage(name, grammar);
  const names = ours.flatMap(([name]) => core.getLanguage(name)?.aliases ?? []);

  expect(ours).toHaveLength(20);
  expect(names.filter((name) => highlight('a', name) === null)).toEqual([]);
});

test('code of a language that is known gets colours, and no other', () => {
  expect(JSON.stringify(highlight('const a = 1', 'js'))).toContain('hljs-keyword');
  expect(highlight('const a = 1', 'constructor')).toBeNull();
  expect(highlight('x'.repeat(60_000), 'js')).toBeNull();
});

const TAGS =
  /^\/?(?:p|h3|ul|ol|li|blockquote|hr|br|strong|em|del|code|pre|table|thead|tbody|tr|th|td|a|bdi|span|div|figure|figcaption|button|svg|path)$/;
const ATTRIBUTES =
  /^(?:class|dir|start|scope|role|aria-[a-z]+|tabindex|href="(?:https?:\/\/|mailto:)|target="_blank"|rel="noopener noreferrer nofollow"|type="button"|title|viewBox|focusable|d)/;

test('10,000 hostile replies become elements of an allowed few, with no other attribute, and no exception', () => {
  const seed = 20_261_125;
  const prng = new Prng(seed);
  const wrong: string[] = [];
  for (let index = 0; index < 10_000; index++) {
    const text = hostileReply(prng);
    const html = render(text);
    if (parseMarkdown(text) === null) continue; // is shown as one text node
    for (const [, tag = '', rest = ''] of html.matchAll(/<([^\s>]*)([^>]*)>/g)) {
      const attributes = rest.match(/[^\s=]+(?:="[^"]*")?/g) ?? [];
      if (!TAGS.test(tag.replace(/\/$/, ''))) wrong.push(`seed ${seed}, reply ${index}: <${tag}>`);
      for (const attribute of attributes) {
        if (attribute !== '/' && !ATTRIBUTES.test(attribute)) {
          wrong.push(`seed ${seed}, reply ${index}: ${attribute}`);
        }
      }
    }
  }

  expect(wrong).toEqual([]);
}, 120_000);
