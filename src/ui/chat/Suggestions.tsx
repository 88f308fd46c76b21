import { useApp } from '../app-context.ts';
import { suggestions as words } from '../words.ts';
import { focusComposer } from './focus-composer.ts';
import './suggestions.css';

/** Three questions to tap, in the person's language. With a model they are asked; without one they wait in the composer. */
export function Suggestions() {
  const { conversation, models } = useApp();
  const { title, forGuide, forOthers } = words;
  const questions = models.guide.answers.value ? forGuide : forOthers;
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
        {title}
      </h2>
      <ul class="suggestions__list">
        {questions.map((question) => (
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
