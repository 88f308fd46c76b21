import { formatCount } from '../format.ts';
import { parseStopStrings, printStopStrings, type NumberSetting } from '../../state/settings.ts';
import { useApp } from '../app-context.ts';
import { closeSheet, openSheet } from '../open-sheet.ts';
import { engines, keys, settings as words } from '../later-words.ts';
import { joints, rungs } from '../words.ts';
import { LanguageChoice } from './LanguageChoice.tsx';
import { NumberField } from './NumberField.tsx';
import { RungChoice } from './RungChoice.tsx';
import { TextField } from './TextField.tsx';
import './settings.css';

const SAMPLING: readonly NumberSetting[] = [
  'temperature',
  'topK',
  'topP',
  'minP',
  'repetitionPenalty',
  'seed',
];

/** How the next answer is made. What is typed counts at once; what is out of range does not count and says so. */
export function Settings() {
  const { settings } = useApp();
  const { systemPrompt, stopStrings } = settings.current.value;
  return (
    <div class="settings">
      <LanguageChoice />
      <p class="settings__intro">{words.intro}</p>
      <TextField
        label={words.systemPrompt}
        hint={words.systemPromptHint}
        value={systemPrompt}
        rows={3}
        onChange={(text) => settings.change({ systemPrompt: text })}
      />
      <fieldset class="settings__group">
        <legend>{words.sampling}</legend>
        {SAMPLING.map((setting) => (
          <NumberField key={setting} setting={setting} />
        ))}
      </fieldset>
      <fieldset class="settings__group">
        <legend>{words.limits}</legend>
        <NumberField setting="maxNewTokens" />
        <TextField
          label={words.stopStrings}
          hint={words.stopStringsHint}
          value={printStopStrings(stopStrings)}
          rows={2}
          onChange={(text) => settings.change({ stopStrings: parseStopStrings(text) })}
        />
        <NumberField setting="contextTokens" />
      </fieldset>
      <RungChoice />
      <Reload />
      <button class="button" type="button" onClick={settings.reset}>
        {words.reset}
      </button>
      <button class="button" type="button" onClick={() => (openSheet.value = 'keys')}>
        {keys.show}
      </button>
    </div>
  );
}

/** Offered when the model in memory has another context than the one asked for, or runs elsewhere than it would now. */
function Reload() {
  const { settings, engine, ladder, models } = useApp();
  const state = engine.value;
  if (state.type !== 'ready') return null;
  const { contextTokens, manifest } = state.loaded;
  const { trainedContextTokens } = manifest.shape; // more than that the engine does not give
  const reasons: string[] = [];
  if (contextTokens !== Math.min(settings.current.value.contextTokens, trainedContextTokens)) {
    reasons.push(words.reloadNeeded(formatCount(contextTokens)));
  }
  if (ladder.rungFor(state.model.id) !== state.rung) {
    reasons.push(engines.loadedElsewhere(rungs.places[state.rung]));
  }
  if (reasons.length === 0) return null;
  const reload = () => {
    closeSheet();
    void models.reload();
  };
  return (
    <div class="settings__reload">
      <p class="settings__hint">{reasons.join(joints.gap)}</p>
      <button class="button" type="button" onClick={reload}>
        {words.reload}
      </button>
    </div>
  );
}
