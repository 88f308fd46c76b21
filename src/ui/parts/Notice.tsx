import type { ComponentChildren } from 'preact';
import type { ErrorCode } from '../../contract/errors.ts';
import { Icon } from './Icon.tsx';
import './notice.css';

interface NoticeProps {
  readonly tone: 'attention' | 'failure';
  readonly title?: string;
  readonly text: string;
  /** Of the failure: nothing to act upon, but what one searches for or passes on. */
  readonly code?: ErrorCode;
  /** It is shown again, and was read out when it happened. */
  readonly isOld?: boolean;
  /** What the person can press. */
  readonly children?: ComponentChildren;
}

/** What happened, what is kept, what to do. A failure is read out at once when it appears, the rest when it is quiet. */
export function Notice({ tone, title, text, code, isOld = false, children }: NoticeProps) {
  const role = tone === 'failure' ? 'alert' : 'status';
  return (
    <div class={`notice notice--${tone}`} role={isOld ? undefined : role}>
      <Icon name="alert" />
      <div class="notice__body">
        {title !== undefined && <p class="notice__title">{title}</p>}
        <p class="notice__text">{text}</p>
        {code !== undefined && (
          <p class="notice__code">
            <code>{code}</code>
          </p>
        )}
        {children !== undefined && <div class="notice__actions">{children}</div>}
      </div>
    </div>
  );
}
