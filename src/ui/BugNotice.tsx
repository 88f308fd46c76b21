import { useSignal } from '@preact/signals';
import { toWire, type AppError } from '../contract/errors.ts';
import { useApp, useFacts } from './app-context.ts';
import { Notice } from './parts/Notice.tsx';
import { failures } from './words.ts';

/** The one honest screen for what nobody expected: what it was, and a report to copy. */
export function BugNotice() {
  const { bug, dismissBug } = useApp();
  const { versions } = useFacts();
  const isCopied = useSignal(false);
  const error = bug.value;
  if (error === null) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(report(error, versions.page));
    isCopied.value = true;
  };
  return (
    <Notice
      tone="failure"
      title={failures.bug}
      text={`${error.userMessage} ${failures.reportHint}`}
    >
      <button class="button" type="button" onClick={() => void copy()}>
        {isCopied.value ? failures.copied : failures.copyReport}
      </button>
      <button class="button" type="button" onClick={() => location.reload()}>
        {failures.remedies['reload-page']}
      </button>
      <button class="button button--quiet" type="button" onClick={dismissBug}>
        {failures.dismiss}
      </button>
    </Notice>
  );
}

/** Code, message, causes and stack: errors hold neither prompt nor reply. */
function report(error: AppError, version: string): string {
  const { code, message, causes, stack } = toWire(error);
  const lines = [`Offgrid ${version}`, navigator.userAgent, `${code}: ${message}`, ...causes];
  return [...lines, stack ?? ''].join('\n');
}
