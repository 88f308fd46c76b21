import { KERNEL_BUILDS } from '../../src/engine/simd/open-kernels.ts';
import { tinyBytes } from '../support/compiled-tiny.ts';
import { openInMemory } from '../support/simd-tiny.ts';
import { describeLanguageModel } from './describe-language-model.ts';

for (const build of KERNEL_BUILDS) {
  for (const threads of [1, 2]) {
    // A row's numbers do not depend on what else is run: no tolerance is needed.
    describeLanguageModel(
      `the CPU engine, ${build} kernels, threads: ${threads}`,
      async () => (await openInMemory(await tinyBytes(), { threads, builds: [build] })).model,
      {
        allLogits: async (tokens) => {
          const { model } = await openInMemory(await tinyBytes(), { builds: [build] });
          return model.score(tokens, 1);
        },
      },
    );
  }
}
