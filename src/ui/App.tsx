import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Announcer } from './Announcer.tsx';
import { AppHeader } from './AppHeader.tsx';
import { useApp } from './app-context.ts';
import { BugNotice } from './BugNotice.tsx';
import { UpdateNotice } from './UpdateNotice.tsx';
import { Composer } from './chat/Composer.tsx';
import { COMPOSER_ID } from './chat/focus-composer.ts';
import { NewTextButton } from './chat/NewTextButton.tsx';
import { Suggestions } from './chat/Suggestions.tsx';
import { TemporaryLine, Turns } from './chat/Turns.tsx';
import { StepNotice } from './ladder/StepNotice.tsx';
import { isModelFile, isTextFile, watchDrops } from './models/dropped-file.ts';
import { ModelLine } from './models/ModelLine.tsx';
import { ModelStatus } from './models/ModelStatus.tsx';
import { closeSheet, openSheet } from './open-sheet.ts';
import { later } from './parts/later.tsx';
import { Sheet } from './parts/Sheet.tsx';
import { OfflineSeal } from './privacy/OfflineSeal.tsx';
import { page } from './words.ts';
import './app.css';

const ConversationList = later(
  async () => (await import('./conversations/ConversationList.tsx')).ConversationList,
);
const ModelChoices = later(async () => (await import('./models/ModelChoices.tsx')).ModelChoices);
const Settings = later(async () => (await import('./settings/Settings.tsx')).Settings);
const Statistics = later(async () => (await import('./stats/Statistics.tsx')).Statistics);
const Privacy = later(async () => (await import('./privacy/Privacy.tsx')).Privacy);
const WritingPrompts = later(
  async () => (await import('./writing/WritingPrompts.tsx')).WritingPrompts,
);
const HostPolicy = later(async () => (await import('./policy/HostPolicy.tsx')).HostPolicy);
const AnswerAnnouncer = later(
  async () => (await import('./speech/AnswerAnnouncer.tsx')).AnswerAnnouncer,
);
const Keys = later(async () => (await import('./keys/Keys.tsx')).Keys);
const KeyPresses = later(async () => (await import('./keys/KeyPresses.tsx')).KeyPresses);
const Benchmark = later(async () => (await import('./benchmark/Benchmark.tsx')).Benchmark);

/** The page: conversation in the middle, instrument at the side, everything else in sheets. */
export function App() {
  const { conversation, policy } = useApp();
  const sheet = openSheet.value;
  const isEmpty = conversation.messages.value.length === 0 && conversation.live.value === null;
  useEscapeToStop();
  return (
    <>
      <a class="app__skip" href={`#${COMPOSER_ID}`}>
        {page.skip}
      </a>
      <AppHeader />
      <div class="app__columns">
        <nav class="app__conversations" aria-label={page.conversations}>
          <ConversationList />
        </nav>
        <main class="app__main">
          <div class="app__flow">
            <BugNotice />
            {isEmpty && <p class="app__line">{page.line}</p>}
            {isEmpty && conversation.isTemporary.value && <TemporaryLine />}
            {isEmpty && (
              <div class="app__ready">
                <ModelLine />
                <OfflineSeal />
              </div>
            )}
            {isEmpty && <Suggestions />}
            <ModelStatus isBrief={!isEmpty} />
            <Turns />
            {policy.state.value.type !== 'off' && <HostPolicy />}
            <StepNotice />
            <UpdateNotice />
          </div>
          <div class="app__composer">
            <NewTextButton />
            <Composer />
          </div>
        </main>
        <aside class="app__panel" aria-label={page.statistics}>
          <h2 class="visually-hidden">{page.statistics}</h2>
          <Statistics />
        </aside>
      </div>
      <Sheet
        title={page.conversations}
        isOpen={sheet === 'conversations'}
        onClose={closeSheet}
        side="start"
      >
        <ConversationList />
      </Sheet>
      <Sheet title={page.models} isOpen={sheet === 'models'} onClose={closeSheet}>
        <ModelChoices />
      </Sheet>
      <Sheet title={page.statistics} isOpen={sheet === 'statistics'} onClose={closeSheet}>
        <Statistics />
      </Sheet>
      <Sheet title={page.settings} isOpen={sheet === 'settings'} onClose={closeSheet}>
        <Settings />
      </Sheet>
      <Sheet title={page.privacy} isOpen={sheet === 'privacy'} onClose={closeSheet}>
        <Privacy />
      </Sheet>
      <Sheet title={page.benchmark} isOpen={sheet === 'benchmark'} onClose={closeSheet}>
        <Benchmark />
      </Sheet>
      <Sheet title={page.writing} isOpen={sheet === 'writing'} onClose={closeSheet}>
        <WritingPrompts />
      </Sheet>
      <Sheet title={page.keys} isOpen={sheet === 'keys'} onClose={closeSheet}>
        <Keys />
      </Sheet>
      <DropZone />
      <Announcer />
      <AnswerAnnouncer />
      <KeyPresses />
    </>
  );
}

function useEscapeToStop(): void {
  const { conversation } = useApp();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isForDialog = openSheet.peek() !== 'none';
      if (event.key === 'Escape' && !event.isComposing && !isForDialog) conversation.stop();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [conversation]);
}

/** A model file may be dropped anywhere, and a text, which goes into the field. */
function DropZone() {
  const { models, conversation } = useApp();
  const isOver = useSignal(false);
  useEffect(
    () =>
      watchDrops(
        document,
        (over) => (isOver.value = over),
        (file) => {
          closeSheet();
          if (isModelFile(file)) void models.openFile(file);
          else if (isTextFile(file))
            void file.text().then((text) => (conversation.draft.value = text));
        },
      ),
    [models, conversation, isOver],
  );
  if (!isOver.value) return null;
  return <div class="app__drop">{page.dropHere}</div>;
}
