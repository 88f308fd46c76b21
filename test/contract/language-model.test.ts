import { FakeLanguageModel, FakeScoringModel } from '../support/fake-language-model.ts';
import { describeLanguageModel } from './describe-language-model.ts';

describeLanguageModel('the fake', async () => new FakeLanguageModel(64, 64));

describeLanguageModel('the fake that verifies drafts', async () => new FakeScoringModel(64, 64));

describeLanguageModel(
  'the fake that tells its leaders',
  async () => new FakeLanguageModel(64, 64, { leaders: 8 }),
  {
    allLogits: async (tokens) => {
      const model = new FakeLanguageModel(64, 64);
      await model.prefill(tokens);
      return model.logits();
    },
  },
);
