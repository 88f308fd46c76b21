import { useId } from 'preact/hooks';
import { PLACE, WRITING_TOOLS, type WritingTool } from '../../state/writing-prompts.ts';
import { useApp } from '../app-context.ts';
import { writing as words } from '../later-words.ts';
import { writingPromptsOf } from './prompts.ts';
import './writing.css';

/** What each tool says to the model, to be read and changed. */
export function WritingPrompts() {
  return (
    <div class="writing-prompts">
      <p class="writing__hint">{words.editHint(PLACE)}</p>
      {WRITING_TOOLS.map((tool) => (
        <PromptField key={tool} tool={tool} />
      ))}
    </div>
  );
}

function PromptField({ tool }: { readonly tool: WritingTool }) {
  const prompts = writingPromptsOf(useApp());
  const id = useId();
  const prompt = prompts.current.value[tool];
  const isOriginal = prompt === prompts.originals[tool];
  return (
    <div class="writing-prompts__field">
      <label for={id}>{words.tools[tool]}</label>
      <textarea
        class="writing-prompts__text"
        id={id}
        rows={5}
        value={prompt}
        onChange={(event) => {
          prompts.change(tool, event.currentTarget.value);
          event.currentTarget.value = prompts.current.value[tool];
        }}
      />
      {!isOriginal && (
        <button
          class="button"
          type="button"
          aria-label={words.resetTitle(words.tools[tool])}
          onClick={() => prompts.reset(tool)}
        >
          {words.reset}
        </button>
      )}
    </div>
  );
}
