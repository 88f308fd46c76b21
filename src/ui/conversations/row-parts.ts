import type { ConversationRecord } from '../../state/library.ts';

/** Rows of one part when it is first made; it may shrink and grow as rows come and go. */
const PART_ROWS = 40;

export interface RowPart {
  /** Stays as long as the part does. */
  readonly key: string;
  readonly records: readonly ConversationRecord[];
}

/**
 * Cuts a list into parts where it was cut before: a row that comes to the top, as that of each conversation that goes on, is
 * taken out of one part and put into the first, and no other row moves into another.
 */
export function cutRows(
  records: readonly ConversationRecord[],
  before: readonly RowPart[],
): readonly RowPart[] {
  const starts = new Set(before.slice(1).map(({ key }) => key));
  const parts: { key: string; records: ConversationRecord[] }[] = [];
  for (const record of records) {
    const part = parts.at(-1);
    const isFull =
      part !== undefined &&
      (starts.has(record.id)
        ? part.records.length > PART_ROWS / 4
        : part.records.length >= (starts.size === 0 ? PART_ROWS : 2 * PART_ROWS));
    if (part === undefined) parts.push({ key: 'first', records: [record] });
    else if (isFull) parts.push({ key: record.id, records: [record] });
    else part.records.push(record);
  }
  return parts;
}
