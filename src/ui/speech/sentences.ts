/** After these a full stop ends no sentence. */
const ABBREVIATION =
  /(?:^|[\s([“"‘'])(?:(?:\p{Lu}\.)*\p{Lu}|Dr|Mr|Mrs|Ms|Prof|St|vs|e\.g|i\.e|cf)\.\s*$/u;
/** Nor after these before a number. */
const BEFORE_NUMBER = /(?:^|[\s([“"‘'])(?:No|Nos|Fig|Figs|Eq|Sec|Ch|Vol|p|pp|approx|ca)\.\s*$/i;
/** `2.` or `(3)`: the number of what follows. */
const NUMBERING = /^\s*\(?\d{1,3}[.)]\s*$/;
/** Something that can be said. */
const SOUND = /[\p{L}\p{N}\p{Emoji_Presentation}]/u;

/** Cuts a text where a sentence may end; the parts together are the text. */
export type Cut = (text: string) => readonly string[];

/** @param locale whose rules count; they differ little. Where the browser has no rules, our own few do. */
export function cutFor(locale: string): Cut {
  if (!('Segmenter' in Intl)) return cutByMarks;
  const segmenter = new Intl.Segmenter(locale, { granularity: 'sentence' });
  return (text) => Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** For browsers without `Intl.Segmenter`: after a mark of an end and what closes behind it; after Latin ones only where a space and no small letter follow. */
export const cutByMarks: Cut = (text) =>
  text.match(
    /[^]+?(?:\n+|[。！？…]+[”’』」）》]*(?![。！？…”’』」）》])|[.!?]+["'”’)\]]*\s+(?!\s*\p{Ll})|$)/gu,
  ) ?? [];

/**
 * The sentences of a text, each without the space around it; a line is one at least. While the text grows, the last of them may not be whole yet:
 * what ends with a full stop may go on as `0.5`.
 */
export function sentencesOf(text: string, cut: Cut): readonly string[] {
  const sentences: string[] = [];
  let begun = '';
  for (const part of cut(text)) {
    if (begun !== '' && !continues(begun, part)) {
      sentences.push(begun);
      begun = '';
    }
    begun += part;
  }
  return [...sentences, begun].map((one) => one.trim()).filter((one) => SOUND.test(one));
}

function continues(begun: string, part: string): boolean {
  if (begun.endsWith('\n')) return false;
  return (
    ABBREVIATION.test(begun) ||
    NUMBERING.test(begun) ||
    (BEFORE_NUMBER.test(begun) && /^\d/.test(part))
  );
}
