import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect } from 'preact/hooks';
import { untilLaterWords } from '../language.ts';

/**
 * A component that is fetched with its words when it is first shown, so that the first paint does not wait for what a person may never
 * open. Without a network it is among the files that are kept.
 */
export function later(load: () => Promise<FunctionComponent>): FunctionComponent {
  const arrived = signal<{ readonly component: FunctionComponent } | null>(null);
  return function Later() {
    useEffect(() => {
      if (arrived.peek() !== null) return;
      void Promise.all([load(), untilLaterWords()]).then(
        ([component]) => (arrived.value = { component }),
      );
    }, []);
    const Component = arrived.value?.component;
    return Component === undefined ? null : <Component />;
  };
}
