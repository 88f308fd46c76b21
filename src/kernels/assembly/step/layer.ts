import { Layer, Model } from '../model/model';
import { meet } from '../threads/team';
import { attend } from './attend';
import { packAttended, packGated, packNormalised } from './pack-rows';
import { addToHidden, projectGated, projectQkv } from './products';
import { rotateAndStore } from './rows';

/** One layer of the decoder, for the hidden rows of a step that begins at position `start`. */
export function runLayer(m: Model, l: Layer, thread: i32, start: i32, rows: i32): void {
  packNormalised(m, thread, l.attentionNorm, 0, rows);
  meet(m.team);
  projectQkv(m, l, rows);
  meet(m.team);
  rotateAndStore(m, l, thread, start, rows);
  meet(m.team);
  attend(m, l, thread, start, rows);
  meet(m.team);
  packAttended(m, thread, start, rows);
  meet(m.team);
  addToHidden(m, l.attentionOutput, rows);
  meet(m.team);

  packNormalised(m, thread, l.feedForwardNorm, 0, rows);
  meet(m.team);
  projectGated(m, l, rows);
  meet(m.team);
  packGated(m, rows);
  meet(m.team);
  addToHidden(m, l.down, rows);
  meet(m.team);
}
