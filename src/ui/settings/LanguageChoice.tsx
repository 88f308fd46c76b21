import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { chooseLanguage, languageChoice, nameOfLanguage } from '../language.ts';
import { LANGUAGES, preferredLanguage } from '../languages.ts';
import { language as words } from '../later-words.ts';

const AUTOMATIC = 'automatic';

/** Which language the page speaks: the browser's, or one that the person chose. Each is named in itself. It changes at once. */
export function LanguageChoice() {
  const id = useId();
  const hasFailed = useSignal(false);
  const choose = (value: string) => {
    hasFailed.value = false;
    chooseLanguage(value === AUTOMATIC ? null : value).catch(() => (hasFailed.value = true));
  };
  const ofBrowser = nameOfLanguage(preferredLanguage(navigator.languages));
  return (
    <div class="settings__field settings__field--choice">
      <label for={id}>{words.title}</label>
      <select
        class="settings__input"
        id={id}
        aria-describedby={`${id}-hint`}
        value={languageChoice.value ?? AUTOMATIC}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value={AUTOMATIC}>{words.automatic(ofBrowser)}</option>
        {LANGUAGES.map((tag) => (
          <option key={tag} value={tag} lang={tag}>
            {nameOfLanguage(tag)}
          </option>
        ))}
      </select>
      <p
        class={hasFailed.value ? 'settings__hint settings__hint--wrong' : 'settings__hint'}
        id={`${id}-hint`}
        role={hasFailed.value ? 'alert' : undefined}
      >
        {hasFailed.value ? words.failed : words.hint}
      </p>
    </div>
  );
}
