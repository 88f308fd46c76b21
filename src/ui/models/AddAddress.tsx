import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { AddressFault } from '../../state/model-address.ts';
import { useApp } from '../app-context.ts';
import { closeSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { shelf as words } from '../later-words.ts';
import { models } from '../words.ts';
import './add-address.css';

/** A model that the person knows the place of: a file on Hugging Face, or an address. */
export function AddAddress() {
  const app = useApp();
  const text = useSignal('');
  const fault = useSignal<AddressFault | null>(null);
  const id = useId();
  const get = () => {
    fault.value = app.models.getAddress(text.value);
    if (fault.value === null) closeSheet();
  };
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
          }}
        />
        <button
          class="button"
          type="submit"
          aria-label={words.getAddress}
          disabled={app.models.arrival.value.type === 'preparing'}
        >
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
    </form>
  );
}
