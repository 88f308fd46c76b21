/** What a model expects next, as raw logits; valid until the next call of the model. */
export type NextToken = AllLogits | Leaders;

export interface AllLogits {
  readonly of: 'all';
  /** `[vocabulary]` */
  readonly logits: Float32Array;
}

/** For engines that would have to carry the rest over from another memory. */
export interface Leaders {
  readonly of: 'leaders';
  /** The most likely tokens, descending; equal ones in any order. */
  readonly ids: Int32Array;
  /** Of those, `[ids.length]`. */
  readonly logits: Float32Array;
  /** log Σ exp(logit) over the whole vocabulary: logit − logNormaliser is the log-probability. */
  readonly logNormaliser: number;
}
