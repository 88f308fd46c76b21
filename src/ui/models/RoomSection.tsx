import { useEffect } from 'preact/hooks';
import { formatBytes } from '../format.ts';
import { useApp } from '../app-context.ts';
import { shelf as words } from '../later-words.ts';
import { joints } from '../words.ts';
import './model-choices.css';

/** What the models take, what is left, and whether the browser keeps them. Nothing where the browser does not tell. */
export function RoomSection() {
  const { room, models } = useApp();
  useEffect(() => void room.look(), [room]);
  const facts = room.facts.value;
  if (facts === null) return null;
  const { isKept, usedBytes, leftBytes } = facts;
  const shelf = models.shelf.value;
  const hasModels = shelf.type === 'listed' && shelf.models.length > 0;
  const sentences: string[] = [];
  if (usedBytes !== null) sentences.push(words.used(formatBytes(usedBytes)));
  if (hasModels && isKept !== null) sentences.push(isKept ? words.kept : words.notKept);
  if (leftBytes !== null) sentences.push(words.left(formatBytes(leftBytes)));
  if (sentences.length === 0) return null;
  return (
    <section class="model-choices__group">
      <h3 class="model-choices__heading">{words.room}</h3>
      <p class="model-choices__hint">{sentences.join(joints.gap)}</p>
    </section>
  );
}
