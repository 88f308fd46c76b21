import { formatCount } from '../format.ts';
import type { Prompt } from '../../state/traces.ts';
import { showControls } from '../markdown/plain-text.ts';
import { xray as words } from '../later-words.ts';

/** The prompt exactly as the model read it: control tokens marked, and what lay in the cache set apart. */
export function PromptView({ prompt }: { readonly prompt: Prompt }) {
  const { pieces, reusedTokens } = prompt;
  const piece = ({ text, isControl }: (typeof pieces)[number], key: number) =>
    isControl ? <mark key={key}>{text}</mark> : showControls(text);
  return (
    <details class="xray__fold">
      <summary>{words.prompt(formatCount(pieces.length))}</summary>
      <p class="xray__hint">{words.cached(formatCount(reusedTokens))}</p>
      <pre class="xray__prompt" tabIndex={0} aria-label={words.promptLabel}>
        {reusedTokens > 0 && (
          <span class="xray__cached">{pieces.slice(0, reusedTokens).map(piece)}</span>
        )}
        {pieces.slice(reusedTokens).map(piece)}
      </pre>
    </details>
  );
}
