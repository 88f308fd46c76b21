import { formatCount } from '../format.ts';
import type { Prompt } from '../../state/traces.ts';
import { showControls } from '../markdown/plain-text.ts';
import { xray as words } from '../later-words.ts';
import { Fold } from './Fold.tsx';
import { runsOf } from './prompt-runs.ts';

/** The prompt exactly as the model read it: control tokens marked, and what lay in the cache set apart. */
export function PromptView({ prompt }: { readonly prompt: Prompt }) {
  return (
    <Fold name={words.prompt(formatCount(prompt.pieces.length))}>
      <Pieces prompt={prompt} />
    </Fold>
  );
}

function Pieces({ prompt }: { readonly prompt: Prompt }) {
  const { pieces, reusedTokens } = prompt;
  const shown = (some: Prompt['pieces']) =>
    runsOf(some).map(({ text, isControl }, key) =>
      isControl ? <mark key={key}>{text}</mark> : showControls(text),
    );
  return (
    <>
      <p class="xray__hint">{words.cached(formatCount(reusedTokens))}</p>
      <pre class="xray__prompt" tabIndex={0} aria-label={words.promptLabel}>
        {reusedTokens > 0 && (
          <span class="xray__cached">{shown(pieces.slice(0, reusedTokens))}</span>
        )}
        {shown(pieces.slice(reusedTokens))}
      </pre>
    </>
  );
}
