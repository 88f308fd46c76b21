import { formatDuration, formatRate, formatShare } from '../format.ts';
import { shareKept } from '../../state/benchmark/drift.ts';
import type { BenchmarkResult } from '../../state/benchmark/result.ts';
import { units } from '../words.ts';
import { topOf, type Line } from './compare.ts';
import { describeFacts } from './describe-facts.ts';
import { benchmark as words } from '../later-words.ts';
import { nameOf } from './name-of.ts';

const WIDTH = 1200;
const MARGIN = 48;
const TRACK = 620;
const LABEL = 270;
const BAR = 26;
const FACT = 30;

/** A result as a picture for people to pass on: bars, heat, device and versions, in the colours of the page. */
export async function drawPicture(
  result: BenchmarkResult,
  lines: readonly Line[],
): Promise<Blob | null> {
  const facts = describeFacts(result);
  const canvas = document.createElement('canvas');
  const drift = result.drift ?? [];
  const bars = lines.length * (BAR + 14) + 40;
  const heat = drift.length > 1 ? 190 : 0;
  canvas.width = WIDTH;
  canvas.height = 2 * MARGIN + 60 + bars + heat + facts.length * FACT;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`);
  const write = (text: string, x: number, y: number, font: string, ink = 'ink', width = 900) => {
    context.font = font;
    context.fillStyle = colour(ink);
    context.fillText(shorten(context, text, width), x, y);
  };
  const sans = colour('sans');
  const mono = colour('mono');
  context.textBaseline = 'middle';
  context.fillStyle = colour('paper');
  context.fillRect(0, 0, canvas.width, canvas.height);

  let y = MARGIN + 12;
  write(words.pictureTitle(result.model.title), MARGIN, y, `600 34px ${sans}`, 'ink', 1100);
  y += 48;
  write(words.pictureHint, MARGIN, y, `20px ${sans}`, 'ink-2', 1100);
  y += 38;
  for (const { kind, tokens, heat: state, here } of lines) {
    if (here === null) continue;
    const scale = TRACK / topOf(lines, kind);
    write(nameOf(kind, tokens, state), MARGIN, y, `22px ${sans}`, 'ink', LABEL);
    const x = MARGIN + LABEL;
    context.fillStyle = colour('accent');
    context.fillRect(x, y - BAR / 2, here.median * scale, BAR);
    context.strokeStyle = colour('ink');
    context.lineWidth = 2;
    context.strokeRect(x + here.p25 * scale, y - 5, (here.p75 - here.p25) * scale, 10);
    write(`${formatRate(here.median)} ${units.perSecond}`, x + TRACK + 20, y, `22px ${mono}`);
    y += BAR + 14;
  }
  if (heat > 0) {
    const top = Math.max(...drift.map(({ perSecond }) => perSecond));
    const lastMs = drift.at(-1)?.atMs ?? 1;
    const share = formatShare(shareKept(drift) ?? 1);
    y += 14;
    write(words.driftKept(share, formatDuration(lastMs)), MARGIN, y, `22px ${sans}`);
    context.strokeStyle = colour('accent');
    context.lineWidth = 3;
    context.beginPath();
    for (const { atMs, perSecond } of drift) {
      context.lineTo(
        MARGIN + ((WIDTH - 2 * MARGIN) * atMs) / lastMs,
        y + 150 - (120 * perSecond) / top,
      );
    }
    context.stroke();
    y += heat - 14;
  }
  y += 16;
  for (const [name, value] of facts) {
    write(name, MARGIN, y, `18px ${sans}`, 'ink-2', LABEL + 60);
    write(value, MARGIN + LABEL + 80, y, `18px ${mono}`, 'ink', WIDTH - LABEL - 2 * MARGIN - 80);
    y += FACT;
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

function shorten(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept !== '' && context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}
