import { signal, type ReadonlySignal } from '@preact/signals';
import { browserNotes } from '../../state/browser.ts';

const NOTE = 'offgrid.single-key';
const notes = browserNotes(() => localStorage);
const isOn = signal(notes.read(NOTE) !== 'off');

/** Whether `?` alone opens the list of keys. Who speaks to a device must be able to switch that off (WCAG 2.1.4). */
export const isSingleKeyOn: ReadonlySignal<boolean> = isOn;

export function switchSingleKey(on: boolean): void {
  isOn.value = on;
  notes.write(NOTE, on ? null : 'off');
}
