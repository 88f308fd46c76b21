import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { present } from '../lib/assert.ts';
import type { AppState } from '../state/app-state.ts';

/** What is true of this page as long as it is open. */
export interface PageFacts {
  /** Address of the page's folder, with a slash at the end. */
  readonly base: string;
  /** Cross-origin isolated: without it browsers give WASM one thread. */
  readonly isIsolated: boolean;
  readonly versions: {
    readonly page: string;
    readonly runtime: string;
    readonly tokenizer: string;
  };
}

export interface App {
  readonly state: AppState;
  readonly facts: PageFacts;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): AppState {
  return present(useContext(AppContext), 'AppContext').state;
}

export function useFacts(): PageFacts {
  return present(useContext(AppContext), 'AppContext').facts;
}
