const LONGEST_CHARACTERS = 60;

/** A conversation's name from the first words said in it: one line, cut between words where it has any. */
export function titleOf(text: string): string {
  const line = text.trim().replace(/\s+/gu, ' ');
  const characters = Array.from(line);
  if (characters.length <= LONGEST_CHARACTERS) return line;
  const cut = characters.slice(0, LONGEST_CHARACTERS).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `${cut.slice(0, lastSpace > cut.length / 2 ? lastSpace : cut.length)}…`;
}
