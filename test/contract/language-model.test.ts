import { FakeLanguageModel } from '../support/fake-language-model.ts';
import { describeLanguageModel } from './language-model.ts';

describeLanguageModel('the fake', async () => new FakeLanguageModel(64, 64));
