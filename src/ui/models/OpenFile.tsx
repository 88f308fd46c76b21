import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { closeSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { shelf as words } from '../later-words.ts';
import { joints } from '../words.ts';
import { isModelFile } from './dropped-file.ts';

/** A model file from this device's own disk. */
export function OpenFile() {
  const { models } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const isRefused = useSignal(false);
  const take = (file: File | undefined) => {
    if (input.current !== null) input.current.value = ''; // so that the same file can be chosen again
    if (file === undefined) return;
    isRefused.value = !isModelFile(file);
    if (isRefused.value) return;
    closeSheet();
    void models.openFile(file);
  };
  return (
    <section class="model-choices__group">
      <div class="model-choices__actions">
        <input
          ref={input}
          type="file"
          accept=".gguf,.offgrid"
          hidden
          data-testid="open-file"
          onChange={(event) => take(event.currentTarget.files?.[0])}
        />
        <button
          class="button"
          type="button"
          disabled={models.arrival.value.type === 'preparing'}
          onClick={() => input.current?.click()}
        >
          <Icon name="file" />
          {words.openFile}
        </button>
      </div>
      {isRefused.value ? (
        <p class="model-choices__hint model-choices__hint--wrong" role="alert">
          {words.notGguf}
        </p>
      ) : (
        <p class="model-choices__hint">
          {words.openFileHint}
          {joints.gap}
          <span class="model-choices__drop">{words.dropHint}</span>
        </p>
      )}
    </section>
  );
}
