/** JSON in which every value knows its line, so that a fault can be told by its place. */
export type Located =
  | {
      readonly line: number;
      readonly type: 'plain';
      readonly value: string | number | boolean | null;
    }
  | { readonly line: number; readonly type: 'list'; readonly items: readonly Located[] }
  | {
      readonly line: number;
      readonly type: 'object';
      readonly fields: ReadonlyMap<string, Located>;
    };

export type JsonFaultCode =
  'no-json' | 'levels' | 'no-name' | 'twice' | 'no-colon' | 'no-comma' | 'no-value' | 'no-end';

/** A text that is no JSON, or not what was wanted of it, and the line (from 1) where it ceases to be. */
export class JsonFault<Code extends string = JsonFaultCode> extends Error {
  readonly line: number;
  readonly code: Code;
  /** What the fault is about: a name, a number; may be empty. */
  readonly detail: string;

  constructor(line: number, code: Code, detail = '') {
    super(`line ${line}: ${code} ${detail}`);
    this.line = line;
    this.code = code;
    this.detail = detail;
  }
}

const MOST_DEPTH = 16;
const TOKEN =
  /[ \t\r\n]*(?:([[\]{},:])|("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/uy;

/** @throws JsonFault for what is no JSON, for a field that stands twice in one object, and beyond 16 levels */
export function parseLocated(json: string): Located {
  let at = 0;
  let line = 1;

  function next(): string {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(json);
    if (found === null) {
      const rest = /^[ \t\r\n]*/.exec(json.slice(at))?.[0] ?? '';
      throw new JsonFault(line + breaksIn(rest), 'no-json');
    }
    const [whole, sign, text, plain] = found;
    line += breaksIn(whole);
    at += whole.length;
    return sign ?? text ?? plain ?? '';
  }

  function value(token: string, depth: number): Located {
    const begin = line;
    if (depth > MOST_DEPTH) throw new JsonFault(line, 'levels');
    if (token === '[') {
      const items: Located[] = [];
      for (let item = next(); item !== ']' || items.length > 0; item = next()) {
        items.push(value(item, depth + 1));
        if (separator(']') === ']') break;
      }
      return { line: begin, type: 'list', items };
    }
    if (token === '{') {
      const fields = new Map<string, Located>();
      for (let name = next(); name !== '}' || fields.size > 0; name = next()) {
        if (!name.startsWith('"')) throw new JsonFault(line, 'no-name');
        const key = String(JSON.parse(name));
        if (fields.has(key)) throw new JsonFault(line, 'twice', key);
        if (next() !== ':') throw new JsonFault(line, 'no-colon');
        fields.set(key, value(next(), depth + 1));
        if (separator('}') === '}') break;
      }
      return { line: begin, type: 'object', fields };
    }
    if (/^[\]},:]$/.test(token)) throw new JsonFault(line, 'no-value');
    return { line: begin, type: 'plain', value: JSON.parse(token) as string };
  }

  function separator(end: string): string {
    const token = next();
    if (token !== ',' && token !== end) throw new JsonFault(line, 'no-comma');
    return token;
  }

  const whole = value(next(), 0);
  if (json.slice(at).trim() !== '') throw new JsonFault(line, 'no-end');
  return whole;
}

function breaksIn(text: string): number {
  return text.split('\n').length - 1;
}
