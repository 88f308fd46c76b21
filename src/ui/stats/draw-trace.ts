import type { RateSample } from '../../state/rate-trace.ts';

/** The least value of the axis: a slow model shall not fill the chart as a fast one does. */
const LEAST_TOP = 10;

/** The upper end of the axis: the next of 10, 20, 50, 100, … above all values. */
export function scaleTop(values: readonly (number | null)[]): number {
  const most = Math.max(LEAST_TOP, ...values.map((value) => value ?? 0));
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5].find((factor) => factor * power >= most) ?? 10;
  return step * power;
}

/**
 * Draws the trace with its newest reading at the right edge. Unknown readings are gaps.
 * Colours come from the custom properties of the canvas, so that it follows the theme.
 *
 * @param top value at the upper edge
 */
export function drawTrace(
  canvas: HTMLCanvasElement,
  samples: readonly RateSample[],
  top: number,
  spanMs: number,
): void {
  const context = canvas.getContext('2d');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (context === null || width === 0) return;
  const density = window.devicePixelRatio;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  context.scale(density, density);

  const style = getComputedStyle(canvas);
  context.lineWidth = 1;
  context.strokeStyle = style.getPropertyValue('--line');
  context.beginPath();
  for (const share of [0, 0.5, 1]) {
    const y = Math.round(share * (height - 1)) + 0.5;
    context.moveTo(0, y);
    context.lineTo(width, y);
  }
  for (const share of [0, 1 / 3, 2 / 3, 1]) {
    const x = Math.round(share * (width - 1)) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, height);
  }
  context.stroke();

  const lastMs = samples.at(-1)?.atMs ?? 0;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.strokeStyle = style.getPropertyValue('--accent');
  context.beginPath();
  let isPenDown = false;
  for (const { atMs, perSecond } of samples) {
    if (perSecond === null) {
      isPenDown = false;
      continue;
    }
    const x = width * (1 - (lastMs - atMs) / spanMs);
    const y = (height - 2) * (1 - perSecond / top) + 1;
    if (isPenDown) context.lineTo(x, y);
    else context.moveTo(x, y);
    isPenDown = true;
  }
  context.stroke();
}
