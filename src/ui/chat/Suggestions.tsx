import { useApp } from '../app-context.ts';
import { chat as words } from '../words.ts';
import { focusComposer } from './focus-composer.ts';
import './suggestions.css';

/** Three questions to tap. With a model they are asked; without one they wait in the composer. */
export function Suggestions() {
  const { conversation } = useApp();
  if (conversation.messages.value.length > 0 || conversation.live.value !== null) return null;
  const choose = (question: string) => {
    if (conversation.canAsk.value) {
      void conversation.ask(question);
    } else {
      conversation.draft.value = question;
      focusComposer();
    }
  };
  return (
    <section class="suggestions" aria-labelledby="suggestions-title">
      <h2 class="suggestions__title" id="suggestions-title">
        {words.suggestionsTitle}
      </h2>
      <ul class="suggestions__list">
        {words.suggestions.map((question) => (
          <li key={question}>
            <button class="suggestions__item" type="button" onClick={() => choose(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
