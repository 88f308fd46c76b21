/** More points than this nobody can tell apart, and a browser is long about drawing them. */
const MOST_COLUMNS = 400;

export interface TimeLine {
  /** In ms, at least 1: the upper edge. */
  readonly most: number;
  /** From left to right, x in percent, y as a share of `most`. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Times as a line. Of many, each column has its least and its greatest, so that none that stands out is lost. @param times in ms */
export function timeLine(times: readonly number[]): TimeLine {
  const most = times.reduce((a, b) => Math.max(a, b), 1);
  const point = (index: number) =>
    [(index / Math.max(1, times.length - 1)) * 100, (times[index] ?? 0) / most] as const;
  if (times.length <= 2 * MOST_COLUMNS) return { most, points: times.map((_, at) => point(at)) };
  const points = [];
  for (let column = 0; column < MOST_COLUMNS; column++) {
    const from = Math.floor((column * times.length) / MOST_COLUMNS);
    const until = Math.floor(((column + 1) * times.length) / MOST_COLUMNS);
    let [least, greatest] = [from, from];
    for (let index = from; index < until; index++) {
      if ((times[index] ?? 0) < (times[least] ?? 0)) least = index;
      if ((times[index] ?? 0) > (times[greatest] ?? 0)) greatest = index;
    }
    points.push(point(Math.min(least, greatest)), point(Math.max(least, greatest)));
  }
  return { most, points };
}
