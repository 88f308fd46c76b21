import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { giveFocusBack, openSheet } from '../open-sheet.ts';
import { page } from '../words.ts';
import { Icon } from './Icon.tsx';
import { pullDown } from './pull-down.ts';
import './sheet.css';

interface SheetProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Of a wide screen. */
  readonly side?: 'start' | 'end';
  readonly children: ComponentChildren;
}

/** Had the focus before the first of the sheets that took each other's place. */
let opener: Element | null = null;

/** A dialog: from below on phones, where it can be pulled away; at the side on wide screens. Its children live only while it is open. */
export function Sheet({ title, isOpen, onClose, side = 'end', children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const grip = useRef<HTMLElement>(null);
  const titleId = useId();

  useEffect(() => {
    const sheet = dialog.current;
    const isOnly = () => document.querySelector('dialog[open]') === null;
    if (isOpen) {
      if (isOnly()) opener = document.activeElement;
      sheet?.showModal();
    } else {
      sheet?.close();
      if (openSheet.peek() !== 'none' || !isOnly()) return;
      // What browsers give the focus back to may lie in a sheet that was open before this one.
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
      giveFocusBack();
    }
  }, [isOpen]);

  useEffect(() => {
    if (!isOpen || dialog.current === null || grip.current === null) return undefined;
    return pullDown(grip.current, dialog.current, onClose);
  }, [isOpen, onClose]);

  return (
    <dialog
      class={side === 'start' ? 'sheet sheet--start' : 'sheet'}
      ref={dialog}
      aria-labelledby={titleId}
      onClose={() => {
        if (isOpen) onClose(); // else another sheet took its place
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose(); // the backdrop belongs to the dialog itself
      }}
    >
      {isOpen && (
        <div class="sheet__body">
          <header class="sheet__head" ref={grip}>
            <h2 class="sheet__title" id={titleId}>
              {title}
            </h2>
            <button
              class="button button--quiet button--square"
              type="button"
              aria-label={page.close}
              onClick={() => onClose()}
            >
              <Icon name="close" />
            </button>
          </header>
          <div class="sheet__content">{children}</div>
        </div>
      )}
    </dialog>
  );
}
