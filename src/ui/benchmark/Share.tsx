import { useSignal } from '@preact/signals';
import { toFragment } from '../../state/benchmark/result-link.ts';
import type { BenchmarkResult } from '../../state/benchmark/result.ts';
import { useFacts } from '../app-context.ts';
import { saveFile } from '../parts/save-file.ts';
import { compare } from './compare.ts';
import { drawPicture } from './draw-picture.ts';
import { benchmark as words } from '../later-words.ts';

/** One's own result as a file, a picture or a link. */
export function Share({ result }: { readonly result: BenchmarkResult }) {
  const { base } = useFacts();
  const isCopied = useSignal(false);
  const link = base + toFragment(result);
  const saveJson = () =>
    saveFile(
      words.fileName(result.date, 'json'),
      'application/json',
      `${JSON.stringify(result, null, 2)}\n`,
    );
  const savePicture = async () => {
    const picture = await drawPicture(result, compare(result, null));
    if (picture !== null) saveFile(words.fileName(result.date, 'png'), 'image/png', picture);
  };
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    isCopied.value = true;
  };
  return (
    <section class="benchmark__part">
      <h3 class="benchmark__heading">{words.share}</h3>
      <div class="benchmark__buttons">
        <button class="button" type="button" onClick={saveJson}>
          {words.saveJson}
        </button>
        <button class="button" type="button" onClick={() => void savePicture()}>
          {words.savePicture}
        </button>
        <button class="button" type="button" onClick={() => void copy()}>
          {isCopied.value ? words.copied : words.copyLink}
        </button>
      </div>
      <input
        class="benchmark__link"
        type="text"
        readOnly
        aria-label={words.link}
        value={link}
        onFocus={(event) => event.currentTarget.select()}
      />
      <p class="benchmark__hint">{words.linkHint}</p>
    </section>
  );
}
