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

/** A text that is no JSON, and the line (from 1) where it ceases to be. */
export class JsonFault extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
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
      throw new JsonFault(line + breaksIn(rest), 'something that is no JSON');
    }
    const [whole, sign, text, plain] = found;
    line += breaksIn(whole);
    at += whole.length;
    return sign ?? text ?? plain ?? '';
  }

  function value(token: string, depth: number): Located {
    const begin = line;
    if (depth > MOST_DEPTH) throw new JsonFault(line, 'too many levels');
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
        if (!name.startsWith('"'))
          throw new JsonFault(line, 'a name in quotation marks is missing');
        const key = String(JSON.parse(name));
        if (fields.has(key)) throw new JsonFault(line, `“${key}” stands twice`);
        if (next() !== ':') throw new JsonFault(line, 'a colon is missing');
        fields.set(key, value(next(), depth + 1));
        if (separator('}') === '}') break;
      }
      return { line: begin, type: 'object', fields };
    }
    if (/^[\]},:]$/.test(token)) throw new JsonFault(line, 'a value is missing');
    return { line: begin, type: 'plain', value: JSON.parse(token) as string };
  }

  function separator(end: string): string {
    const token = next();
    if (token !== ',' && token !== end) throw new JsonFault(line, 'a comma is missing');
    return token;
  }

  const whole = value(next(), 0);
  if (json.slice(at).trim() !== '') throw new JsonFault(line, 'something follows the end');
  return whole;
}

function breaksIn(text: string): number {
  return text.split('\n').length - 1;
}
