/**
 * What a run tells of the next token, in one small output, so that a step reads back hundreds of bytes: `next` float32
 * `[1, 1, 2 × leaders + 1]`, the leaders' logits in descending order, their ids (exact in fp32: below 2^24), and the log
 * of Σ exp(logit) over the whole vocabulary.
 */
import type { GraphBuilder } from './graph-builder.ts';
import { DATA_TYPE } from './onnx.ts';

const LEADERS = 64;
/** ORT's WebGPU `TopK` sorts this many values in one dispatch; of more it makes some 170 (measured 2026-11-22). */
const MOST_SORTED = 2048;
/** For `Cast`. */
export const FLOAT32 = { to: DATA_TYPE.float32 };

/** Below every logit, and finite in either float type, as WGSL wants its numbers. */
const FILLER = { float32: -3e38, float16: -65_504 };

/** Candidates that a run returns. */
export function leadersOf(vocabulary: number): number {
  return Math.min(LEADERS, vocabulary);
}

/** @param parts the last row's logits `[1, 1, …]`, side by side the whole vocabulary */
export function emitNextToken(g: GraphBuilder, parts: readonly string[], vocabulary: number): void {
  const grid = gridOf(vocabulary);
  const logits = reshape(g, joinLogits(g, parts, vocabulary, grid), 'grid', grid);
  const leaders = playTournament(g, logits, grid, leadersOf(vocabulary));
  const most = g.op(
    'Slice',
    [leaders.logits, g.ints('zeroth', [0]), g.ints('first', [1]), g.ints('axis.values', [2])],
    'next.most',
  );
  const logNormaliser = emitLogNormaliser(g, logits, most);
  g.op('Concat', [leaders.logits, leaders.ids, logNormaliser], 'next', { axis: 2 });
  g.output('next', 'float32', [1, 1, 2 * leadersOf(vocabulary) + 1]);
}

/** A vocabulary cut into rows that are sorted at once. */
interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Without a remainder where a few more rows allow it, so that nothing has to be filled up: always so for the leaders of
 * at most 2,048 rows, since a power of two divides them. That many rows hold 4 M values, the largest vocabulary.
 */
function gridOf(values: number): Grid {
  const least = Math.ceil(values / MOST_SORTED);
  for (let rows = least; rows <= Math.min(2 * least, MOST_SORTED); rows++) {
    if (values % rows === 0) return { rows, columns: values / rows };
  }
  return { rows: least, columns: Math.ceil(values / least) };
}

function joinLogits(
  g: GraphBuilder,
  parts: readonly string[],
  vocabulary: number,
  { rows, columns }: Grid,
): string {
  const missing = rows * columns - vocabulary;
  const filler =
    missing === 0
      ? []
      : [
          g.constant('filler', new Float32Array(missing).fill(FILLER[g.floatType]), [
            1,
            1,
            missing,
          ]),
        ];
  const [first = '', ...others] = [...parts, ...filler];
  const all =
    others.length === 0 ? first : g.op('Concat', [first, ...others], 'joined', { axis: 2 });
  return g.floatType === 'float32' ? all : g.op('Cast', [all], 'joined.float32', FLOAT32);
}

function reshape(g: GraphBuilder, x: string, name: string, { rows, columns }: Grid): string {
  return g.op('Reshape', [x, g.ints(`${name}.shape`, [1, rows, columns])], name);
}

/**
 * The `count` largest of a grid with their ids: each row sends its leaders on, these make fewer rows, until one is
 * left. Exact, since whoever is among the leaders of all is among those of its row.
 */
function playTournament(
  g: GraphBuilder,
  logits: string,
  grid: Grid,
  count: number,
): { logits: string; ids: string } {
  const { rows, columns } = grid;
  const numbers = Float32Array.from({ length: rows * columns }, (_, id) => id);
  let state = { logits, ids: g.floats32('grid.ids', numbers, [1, rows, columns]) };
  let left = rows;
  for (let round = 0; ; round++) {
    const at = (name: string) => `round.${round}.${name}`;
    g.several('TopK', [state.logits, g.ints('leaders', [count])], [at('best'), at('places')], {
      axis: -1,
    });
    state = {
      logits: at('best'),
      ids: g.op('GatherElements', [state.ids, at('places')], at('ids'), { axis: 2 }),
    };
    if (left === 1) return state;
    const next = gridOf(left * count);
    state = {
      logits: reshape(g, state.logits, at('grid'), next),
      ids: reshape(g, state.ids, at('grid_ids'), next),
    };
    left = next.rows;
  }
}

/** log Σ exp(x) = most + log Σ exp(x − most): ORT's `ReduceLogSumExp` on WebGPU overflows beyond logits of 88. */
function emitLogNormaliser(g: GraphBuilder, logits: string, most: string): string {
  g.op('Sub', [logits, most], 'next.shifted');
  g.op('Exp', ['next.shifted'], 'next.exp');
  g.op('ReduceSum', ['next.exp', g.ints('axis.values', [2])], 'next.row_sums');
  g.op('ReduceLogSum', ['next.row_sums', g.ints('axis.rows', [1])], 'next.log_sum');
  return g.op('Add', ['next.log_sum', most], 'next.log_normaliser');
}
