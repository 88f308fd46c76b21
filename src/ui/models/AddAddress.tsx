import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { asAppError } from '../../state/as-app-error.ts';
import type { AddressFault } from '../../state/model-address.ts';
import { useApp } from '../app-context.ts';
import { closeSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { shelf as words } from '../later-words.ts';
import { models } from '../words.ts';
import { RepositoryFiles, type Repository } from './RepositoryFiles.tsx';
import './add-address.css';

/** A model that the person knows the place of: a file or a repository on Hugging Face, or an address. */
export function AddAddress() {
  const app = useApp();
  const text = useSignal('');
  const fault = useSignal<AddressFault | null>(null);
  const repository = useSignal<Repository>({ type: 'none' });
  const id = useId();
  const look = async (repo: string) => {
    const looking: Repository = { type: 'looking', repo };
    const show = (found: Repository) => {
      if (repository.value === looking) repository.value = found; // else something else was typed meanwhile
    };
    repository.value = looking;
    try {
      show({ type: 'listed', repo, files: await app.models.listRepository(repo) });
    } catch (thrown) {
      show({ type: 'failed', error: asAppError(thrown) });
    }
  };
  const get = () => {
    const answer = app.models.getAddress(text.value);
    fault.value = answer?.type === 'wrong' ? answer.reason : null;
    if (answer?.type === 'repository') void look(answer.repo);
    if (answer === null) closeSheet();
  };
  const isBusy = app.models.arrival.value.type === 'preparing';
  return (
    <form
      class="add-address"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        get();
      }}
    >
      <label class="add-address__label" htmlFor={id}>
        {words.address}
      </label>
      <div class="add-address__line">
        <input
          id={id}
          class="add-address__field"
          type="text"
          inputMode="url"
          autocapitalize="none"
          autocomplete="off"
          spellcheck={false}
          placeholder={words.addressExample}
          value={text.value}
          aria-invalid={fault.value !== null}
          aria-describedby={`${id}-hint`}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            fault.value = null;
            repository.value = { type: 'none' };
          }}
        />
        <button class="button" type="submit" aria-label={words.getAddress} disabled={isBusy}>
          <Icon name="download" />
          {models.get}
        </button>
      </div>
      {fault.value === null ? (
        <p class="add-address__hint" id={`${id}-hint`}>
          {words.addressHint}
        </p>
      ) : (
        <p class="add-address__hint add-address__hint--wrong" id={`${id}-hint`} role="alert">
          {words.addressFaults[fault.value]}
        </p>
      )}
      <RepositoryFiles
        repository={repository}
        isBusy={isBusy}
        onChoose={(repo, file) => {
          app.models.getFromRepository(repo, file);
          closeSheet();
        }}
      />
    </form>
  );
}
