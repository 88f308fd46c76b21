import {
  fillPrompt,
  isPassage,
  WRITING_TOOLS,
  type WritingTool,
} from '../../state/writing-prompts.ts';
import { useApp } from '../app-context.ts';
import { focusComposer } from '../chat/focus-composer.ts';
import { writing as words } from '../later-words.ts';
import { openSheet } from '../open-sheet.ts';
import { writingPromptsOf } from './prompts.ts';
import './writing.css';

/** Over the field while a passage stands in it: what to do with it, one tap each. The answer comes as any other does. */
export function WritingTools() {
  const app = useApp();
  const { conversation, models } = app;
  const prompts = writingPromptsOf(app);
  const draft = conversation.draft.value;
  if (!isPassage(draft)) return null;
  const canAsk = conversation.canAsk.value;
  const apply = (tool: WritingTool) => {
    if (!canAsk) return;
    conversation.draft.value = '';
    void conversation.ask(fillPrompt(prompts.current.value[tool], draft));
    focusComposer();
  };
  return (
    <div class="writing" role="group" aria-label={words.title}>
      {models.guide.answers.value && <p class="writing__hint">{words.notForGuide}</p>}
      <div class="writing__tools">
        {WRITING_TOOLS.map((tool) => (
          <button
            class="button writing__tool"
            type="button"
            key={tool}
            aria-disabled={!canAsk}
            onClick={() => apply(tool)}
          >
            {words.tools[tool]}
          </button>
        ))}
        <button
          class="button button--quiet writing__tool"
          type="button"
          onClick={() => (openSheet.value = 'writing')}
        >
          {words.edit}
        </button>
      </div>
    </div>
  );
}
