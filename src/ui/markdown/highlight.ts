/**
 * Colours for code: a grammar for each language that is much asked for. Fetched when the first code is shown; a grammar is made when its
 * language is first met, for all of them at once would hold up the page.
 */
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import type { RootContent } from 'hast';
import { createLowlight } from 'lowlight';

/** Longer code is not coloured: it would hold up the page. */
const LONGEST_CHARACTERS = 50_000;

const GRAMMARS = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  go,
  java,
  javascript,
  json,
  kotlin,
  php,
  python,
  ruby,
  rust,
  sql,
  swift,
  typescript,
  xml,
  yaml,
};

type Name = keyof typeof GRAMMARS;

/** What else models and people call them; as the grammars say, which are not made to be asked. */
const OTHER_NAMES: Readonly<Record<Name, readonly string[]>> = {
  bash: ['sh', 'zsh'],
  c: ['h'],
  cpp: ['cc', 'c++', 'h++', 'hpp', 'hh', 'hxx', 'cxx'],
  csharp: ['cs', 'c#'],
  css: [],
  diff: ['patch'],
  go: ['golang'],
  java: ['jsp'],
  javascript: ['js', 'jsx', 'mjs', 'cjs'],
  json: ['jsonc', 'json5'],
  kotlin: ['kt', 'kts'],
  php: [],
  python: ['py', 'gyp', 'ipython'],
  ruby: ['rb', 'gemspec', 'podspec', 'thor', 'irb'],
  rust: ['rs'],
  sql: [],
  swift: [],
  typescript: ['ts', 'tsx', 'mts', 'cts'],
  xml: ['html', 'xhtml', 'rss', 'atom', 'xjb', 'xsd', 'xsl', 'plist', 'wsf', 'svg'],
  yaml: ['yml'],
};

/** Languages within a language. */
const WITHIN: Partial<Record<Name, readonly Name[]>> = {
  javascript: ['xml', 'css'],
  typescript: ['xml', 'css'],
  xml: ['css', 'javascript'],
  yaml: ['ruby'],
};

const BY_NAME = new Map<string, Name>();
for (const name of Object.keys(GRAMMARS) as readonly Name[]) {
  for (const other of [name, ...OTHER_NAMES[name]]) BY_NAME.set(other, name);
}

const lowlight = createLowlight();

/** Makes the grammar of a language, and those of languages within it. */
function learn(name: Name): void {
  if (lowlight.registered(name)) return;
  lowlight.register(name, GRAMMARS[name]);
  for (const inner of WITHIN[name] ?? []) learn(inner);
}

/** Makes what colouring a language takes, where it is known: about as long as colouring itself, so a frame may come between. */
export function prepare(language: string): void {
  const name = nameOf(language);
  if (name === undefined || lowlight.registered(name)) return;
  learn(name);
  lowlight.highlight(name, ''); // compiles the grammar
}

function nameOf(language: string): Name | undefined {
  return BY_NAME.get(language.toLowerCase());
}

/** Null when the language is not known, or the code too long. */
export function highlight(code: string, language: string): readonly RootContent[] | null {
  const name = nameOf(language);
  if (name === undefined || code.length > LONGEST_CHARACTERS) return null;
  learn(name);
  return lowlight.highlight(name, code).children;
}

/** How many grammars were made so far. */
export function learntGrammars(): number {
  return lowlight.listLanguages().length;
}
