/** The model that comes with the page, as the page and the store know it. */
import { toModelId } from '../src/contract/model.ts';
import type { GuideEntry } from '../src/contract/store.ts';
import file from './guide/guide.gguf';

export const guide: GuideEntry = {
  key: 'guide',
  title: 'Guide',
  fileName: 'guide.gguf',
  url: new URL(file.url, location.href).href,
  totalBytes: file.totalBytes,
  sha256: toModelId(file.sha256),
  licence: 'Apache-2.0',
  // It has learned a few hundred answers by heart: a less likely token, or a penalty on words that the question
  // has as well, only spoils them.
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
};
