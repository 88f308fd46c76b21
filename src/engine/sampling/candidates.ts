/**
 * Tokens still in the running, as parallel arrays of which the first `length` entries count, in no particular
 * order. Made once per model: a step allocates nothing of the vocabulary's size.
 */
export class Candidates {
  readonly ids: Int32Array;
  readonly logits: Float64Array;
  /** Probabilities up to a common factor, and the logit of the most likely; set by `weigh`. */
  readonly weights: Float64Array;
  highestLogit = 0;
  length = 0;

  constructor(capacity: number) {
    this.ids = new Int32Array(capacity);
    this.logits = new Float64Array(capacity);
    this.weights = new Float64Array(capacity);
  }

  /** Drops entries with a logit below `lastLogit`, and of those equal to it the ones with an id above `lastId`. */
  keepDownTo(lastLogit: number, lastId: number): void {
    const { ids, logits, weights, length } = this;
    let kept = 0;
    for (let position = 0; position < length; position++) {
      const logit = logits[position] ?? 0;
      const id = ids[position] ?? 0;
      if (logit < lastLogit || (logit === lastLogit && id > lastId)) continue;
      ids[kept] = id;
      logits[kept] = logit;
      weights[kept] = weights[position] ?? 0;
      kept++;
    }
    this.length = kept;
  }
}
