/** The model's description, as whoever loads it gives it. Shapes and meanings: src/engine/simd/kernel-exports.ts. */
import { FORM_WORDS } from '../activations';
import { layerOf, Model } from './model';

export function describeModel(
  model: usize,
  layers: i32,
  width: i32,
  queryHeads: i32,
  keyValueHeads: i32,
  headSize: i32,
  feedForwardWidth: i32,
  vocabulary: i32,
  contextTokens: i32,
  rmsEpsilon: f32,
): void {
  const m = changetype<Model>(model);
  m.layers = layers;
  m.width = width;
  m.queryHeads = queryHeads;
  m.keyValueHeads = keyValueHeads;
  m.headSize = headSize;
  m.feedForwardWidth = feedForwardWidth;
  m.vocabulary = vocabulary;
  m.contextTokens = contextTokens;
  m.rmsEpsilon = rmsEpsilon;
  m.form = FORM_WORDS;
}

export function describeEnds(
  model: usize,
  embedding: usize,
  head: usize,
  outputNorm: usize,
  cosines: usize,
  sines: usize,
): void {
  const m = changetype<Model>(model);
  m.embedding = embedding;
  m.head = head;
  m.outputNorm = outputNorm;
  m.cosines = cosines;
  m.sines = sines;
}

export function describeLayer(
  model: usize,
  layer: i32,
  attentionNorm: usize,
  qkv: usize,
  qkvBias: usize,
  attentionOutput: usize,
  feedForwardNorm: usize,
  gate: usize,
  up: usize,
  down: usize,
  keys: usize,
  values: usize,
): void {
  const l = layerOf(model, layer);
  l.attentionNorm = attentionNorm;
  l.qkv = qkv;
  l.qkvBias = qkvBias;
  l.attentionOutput = attentionOutput;
  l.feedForwardNorm = feedForwardNorm;
  l.gate = gate;
  l.up = up;
  l.down = down;
  l.keys = keys;
  l.values = values;
}

/** The form of the activations from the next step on. @param form one of activations.ts that this build has */
export function setForm(model: usize, form: i32): void {
  changetype<Model>(model).form = form;
}
