/** `policy.json`: what an organisation that serves this page has it block or flag. A file with one fault counts for nothing. */
import { JsonFault, parseLocated, type JsonFaultCode, type Located } from '../../lib/json-lines.ts';

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
  | { readonly type: 'refused'; readonly line: number; readonly reason: Reason };

export type FaultCode =
  | JsonFaultCode
  | 'too-large'
  | 'version'
  | 'is-on'
  | 'no-language'
  | 'no-list'
  | 'patterns'
  | 'stars'
  | 'short'
  | 'no-text'
  | 'long'
  | 'no-object'
  | 'unknown';

/** Why a policy does not count. */
export interface Reason {
  readonly code: FaultCode;
  /** Of what: a name, a limit; may be empty. */
  readonly detail: string;
}

class PolicyFault extends JsonFault<FaultCode> {}

const MOST_BYTES = 65_536;
const MOST_PATTERNS = 500;
const MOST_PATTERN = 100;
const MOST_STARS = 2;
/** What a `*` stands for: so many characters of one word. */
const STAR = 20;
const MOST_NOTICE = 500;

export function readPolicy(json: string): ReadPolicy {
  try {
    if (json.length > MOST_BYTES) throw new PolicyFault(1, 'too-large', String(MOST_BYTES));
    return policyOf(parseLocated(json));
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    const { line, code, detail } = thrown as PolicyFault;
    return { type: 'refused', line, reason: { code, detail } };
  }
}

function policyOf(root: Located): ReadPolicy {
  const fields = fieldsOf(root, ['version', 'isOn', 'notice', 'prompt', 'reply']);
  if (plainOf(fields.get('version')) !== 1) {
    throw new PolicyFault(fields.get('version')?.line ?? root.line, 'version');
  }
  const isOn = plainOf(fields.get('isOn'));
  if (typeof isOn !== 'boolean') {
    throw new PolicyFault(fields.get('isOn')?.line ?? root.line, 'is-on');
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
      throw new PolicyFault(text.line, 'no-language', tag);
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
    if (list.type !== 'list') throw new PolicyFault(list.line, 'no-list', name);
    return list.items.map((item) => ruleOf(item, action));
  });
  if (rules.length > MOST_PATTERNS)
    throw new PolicyFault(node.line, 'patterns', String(MOST_PATTERNS));
  return rules;
}

/** Letters stand for themselves in either case, `*` for up to twenty characters of a word: nothing that takes long to look for. */
function ruleOf(node: Located, action: Rule['action']): Rule {
  const pattern = textOf(node, MOST_PATTERN).trim();
  const parts = pattern.split('*');
  const stars = parts.length - 1;
  if (stars > MOST_STARS) throw new PolicyFault(node.line, 'stars', String(MOST_STARS));
  if (parts.join('').trim().length < 2) throw new PolicyFault(node.line, 'short');
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
  if (typeof value !== 'string' || value.trim() === '') throw new PolicyFault(node.line, 'no-text');
  if (value.length > most) throw new PolicyFault(node.line, 'long', String(most));
  return value;
}

function fieldsOf(node: Located, known?: readonly string[]): ReadonlyMap<string, Located> {
  if (node.type !== 'object') throw new PolicyFault(node.line, 'no-object');
  for (const [name, { line }] of node.fields) {
    if (known !== undefined && !known.includes(name)) throw new PolicyFault(line, 'unknown', name);
  }
  return node.fields;
}

function plainOf(node: Located | undefined) {
  return node?.type === 'plain' ? node.value : undefined;
}
