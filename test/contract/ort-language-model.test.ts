import { openModel } from '../../src/engine/ort/open-model.ts';
import { compileInMemory, tinyBytes } from '../support/compiled-tiny.ts';
import { describeLanguageModel } from './describe-language-model.ts';

const options = { contextTokens: 64, threads: 1, runtime: { folderUrl: null } };

// Activations are quantised per run, so the same tokens in other portions differ a little: by 0.4 at most here, where
// logits have a standard deviation of 4 and a token at the wrong place moves them by as much.
describeLanguageModel(
  'the ORT engine',
  async () => {
    const { folder } = await compileInMemory(await tinyBytes());
    return (await openModel(folder, options, () => {})).model;
  },
  { tolerance: 0.6 },
);
