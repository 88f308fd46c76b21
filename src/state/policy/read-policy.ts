/** `policy.json`: what an organisation that serves this page has it block or flag. A file with one fault counts for nothing. */
import { JsonFault, parseLocated, type Located } from '../../lib/json-lines.ts';

export type Side = 'prompt' | 'reply';

export interface Rule {
  /** As the file has it. */
  readonly pattern: string;
  readonly action: 'block' | 'flag';
  readonly match: RegExp;
  /** Characters that a match has at most. */
  readonly mostCharacters: number;
}

export interface Policy {
  /** What people are told, by language tag. */
  readonly notice: ReadonlyMap<string, string>;
  readonly rules: Readonly<Record<Side, readonly Rule[]>>;
}

export type ReadPolicy =
  | { readonly type: 'off' }
  | { readonly type: 'on'; readonly policy: Policy }
  | { readonly type: 'refused'; readonly line: number; readonly reason: string };

const MOST_BYTES = 65_536;
const MOST_PATTERNS = 500;
const MOST_PATTERN = 100;
const MOST_STARS = 2;
/** What a `*` stands for: so many characters of one word. */
const STAR = 20;
const MOST_NOTICE = 500;

export function readPolicy(json: string): ReadPolicy {
  try {
    if (json.length > MOST_BYTES)
      throw new JsonFault(1, `the file is larger than ${MOST_BYTES} bytes`);
    return policyOf(parseLocated(json));
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    return { type: 'refused', line: thrown.line, reason: thrown.message };
  }
}

function policyOf(root: Located): ReadPolicy {
  const fields = fieldsOf(root, ['version', 'isOn', 'notice', 'prompt', 'reply']);
  if (plainOf(fields.get('version')) !== 1) {
    throw new JsonFault(fields.get('version')?.line ?? root.line, '“version” has to be 1');
  }
  const isOn = plainOf(fields.get('isOn'));
  if (typeof isOn !== 'boolean') {
    throw new JsonFault(fields.get('isOn')?.line ?? root.line, '“isOn” has to be true or false');
  }
  const policy: Policy = {
    notice: noticeOf(fields.get('notice')),
    rules: { prompt: rulesOf(fields.get('prompt')), reply: rulesOf(fields.get('reply')) },
  };
  return isOn ? { type: 'on', policy } : { type: 'off' };
}

function noticeOf(node: Located | undefined): ReadonlyMap<string, string> {
  const notice = new Map<string, string>();
  for (const [tag, text] of node === undefined ? [] : fieldsOf(node)) {
    if (!/^[a-z]{2,3}(-[A-Za-z]{2,8})*$/.test(tag))
      throw new JsonFault(text.line, `“${tag}” is no language`);
    notice.set(tag, textOf(text, MOST_NOTICE));
  }
  return notice;
}

function rulesOf(node: Located | undefined): readonly Rule[] {
  if (node === undefined) return [];
  const fields = fieldsOf(node, ['blocked', 'flagged']);
  const rules = (
    [
      ['blocked', 'block'],
      ['flagged', 'flag'],
    ] as const
  ).flatMap(([name, action]) => {
    const list = fields.get(name);
    if (list === undefined) return [];
    if (list.type !== 'list') throw new JsonFault(list.line, `“${name}” has to be a list`);
    return list.items.map((item) => ruleOf(item, action));
  });
  if (rules.length > MOST_PATTERNS)
    throw new JsonFault(node.line, `more than ${MOST_PATTERNS} patterns`);
  return rules;
}

/** Letters stand for themselves in either case, `*` for up to twenty characters of a word: nothing that takes long to look for. */
function ruleOf(node: Located, action: Rule['action']): Rule {
  const pattern = textOf(node, MOST_PATTERN).trim();
  const parts = pattern.split('*');
  const stars = parts.length - 1;
  if (stars > MOST_STARS)
    throw new JsonFault(node.line, `more than ${MOST_STARS} stars in a pattern`);
  if (parts.join('').trim().length < 2)
    throw new JsonFault(node.line, 'a pattern of fewer than 2 characters');
  const source = parts.map((part) =>
    part.replace(/[\\^$.|?+()[\]{}/-]/g, '\\$&').replace(/\\-/g, '-'),
  );
  return {
    pattern,
    action,
    match: new RegExp(source.join(`\\S{0,${STAR}}`), 'iu'),
    mostCharacters: pattern.length + stars * 2 * STAR,
  };
}

function textOf(node: Located, most: number): string {
  const value = plainOf(node);
  if (typeof value !== 'string' || value.trim() === '')
    throw new JsonFault(node.line, 'a text is missing');
  if (value.length > most) throw new JsonFault(node.line, `a text of more than ${most} characters`);
  return value;
}

function fieldsOf(node: Located, known?: readonly string[]): ReadonlyMap<string, Located> {
  if (node.type !== 'object') throw new JsonFault(node.line, 'an object is missing');
  for (const [name, { line }] of node.fields) {
    if (known !== undefined && !known.includes(name))
      throw new JsonFault(line, `“${name}” is not known`);
  }
  return node.fields;
}

function plainOf(node: Located | undefined) {
  return node?.type === 'plain' ? node.value : undefined;
}
