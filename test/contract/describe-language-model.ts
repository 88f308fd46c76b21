import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LanguageModel } from '../../src/engine/language-model.ts';
import { languageModelScenarios, PLAIN_TERMS, type LanguageModelTerms } from './language-model.ts';

/** The scenarios as tests; `open` gives a fresh, empty model each time. */
export function describeLanguageModel(
  name: string,
  open: () => Promise<LanguageModel>,
  terms: Partial<LanguageModelTerms> = {},
): void {
  describe(`${name} as a LanguageModel`, () => {
    let model: LanguageModel;
    beforeEach(async () => {
      model = await open();
    });
    afterEach(() => model.dispose());

    test.each(languageModelScenarios)('$name', async ({ run }) => {
      await expect(run(model, { ...PLAIN_TERMS, ...terms })).resolves.toBeUndefined();
    });
  });
}
