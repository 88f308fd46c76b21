import { render } from 'preact';
import { App } from './App.tsx';
import { AppContext, type App as AppValue } from './app-context.ts';

/** Puts the page where index.html has its first paint. */
export function mount(root: Element, app: AppValue): void {
  root.replaceChildren();
  render(
    <AppContext.Provider value={app}>
      <App />
    </AppContext.Provider>,
    root,
  );
}
