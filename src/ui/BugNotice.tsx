import { useSignal } from '@preact/signals';
import { bugReport } from '../state/bug-report.ts';
import { useApp, useFacts } from './app-context.ts';
import { Notice } from './parts/Notice.tsx';
import { failures, joints } from './words.ts';
import { failureText } from './failure-text.ts';

/** The one honest screen for what nobody expected: what it was, and a report to copy. */
export function BugNotice() {
  const { bug, dismissBug } = useApp();
  const { versions } = useFacts();
  const isCopied = useSignal(false);
  const error = bug.value;
  if (error === null) return null;
  const copy = async () => {
    const place = [`Offgrid ${versions.page}`, navigator.userAgent];
    await navigator.clipboard.writeText(bugReport(error, place));
    isCopied.value = true;
  };
  return (
    <Notice
      tone="failure"
      title={failures.bug}
      text={[failureText(error), failures.reportHint].join(joints.gap)}
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
