/**
 * What every `LanguageModel` asks of the tokens that it is to run.
 * @throws RangeError when there are none, they do not fit the context, or one is not of the vocabulary
 */
export function checkRun(
  tokens: readonly number[],
  model: { readonly length: number; readonly contextTokens: number; readonly vocabulary: number },
): void {
  if (tokens.length === 0) throw new RangeError('nothing to run');
  if (model.length + tokens.length > model.contextTokens) {
    throw new RangeError(
      `${model.length} + ${tokens.length} tokens do not fit ${model.contextTokens}`,
    );
  }
  for (const token of tokens) {
    if (!Number.isInteger(token) || token < 0 || token >= model.vocabulary) {
      throw new RangeError(`no token ${token} in a vocabulary of ${model.vocabulary}`);
    }
  }
}
