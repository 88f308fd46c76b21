import type { Prompt } from '../../state/traces.ts';

type Piece = Prompt['pieces'][number];

/** Pieces of text that follow each other as one, control tokens each by itself: a long prompt has thousands of pieces. */
export function runsOf(pieces: readonly Piece[]): readonly Piece[] {
  const runs: Piece[] = [];
  let begun: string[] = [];
  const end = () => {
    if (begun.length > 0) runs.push({ text: begun.join(''), isControl: false });
    begun = [];
  };
  for (const piece of pieces) {
    if (!piece.isControl) {
      begun.push(piece.text);
      continue;
    }
    end();
    runs.push(piece);
  }
  end();
  return runs;
}
