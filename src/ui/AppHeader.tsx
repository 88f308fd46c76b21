import { useApp } from './app-context.ts';
import { modelName } from './models/model-name.ts';
import { openSheet } from './open-sheet.ts';
import { Icon } from './parts/Icon.tsx';
import { NAME, page } from './words.ts';
import './app-header.css';

/** One line: the name, which model answers, and where it runs. */
export function AppHeader() {
  const app = useApp();
  const title = modelName(app);
  const isReady = app.offline.state.value.type === 'ready';
  return (
    <header class="app-header">
      <button
        class="button button--quiet button--square app-header__menu"
        type="button"
        aria-haspopup="dialog"
        aria-label={page.conversations}
        onClick={() => (openSheet.value = 'conversations')}
      >
        <Icon name="menu" />
      </button>
      <h1 class="app-header__name">{NAME}</h1>
      <button
        class="app-header__model"
        type="button"
        aria-haspopup="dialog"
        aria-label={page.chooseModel(title)}
        onClick={() => (openSheet.value = 'models')}
      >
        <span class="app-header__title">{title}</span>
        <Icon name="chevron" />
      </button>
      <button
        class="app-header__seal"
        type="button"
        aria-haspopup="dialog"
        title={isReady ? page.offlineSeal : undefined}
        onClick={() => (openSheet.value = 'privacy')}
      >
        <Icon name={isReady ? 'check' : 'chip'} />
        <span class="app-header__seal-text">{page.seal}</span>
      </button>
    </header>
  );
}
