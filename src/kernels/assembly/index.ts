/** The module's exports. What callers need to know about them: src/engine/simd/kernel-exports.ts. */
export { createMatrix, matrixBytes } from './matrix';
export { decodeRows, rowScratchBytes } from './decode-rows';
export { decodeFloats } from './blocks/decode';

export { cacheBytes, modelBytes } from './model/model';
export { describeEnds, describeLayer, describeModel, setForm } from './model/describe';
export { layerSnapshotBytes, restoreLayer, saveLayer } from './model/snapshot';
export { createWorkspace, setThreads, workspaceBytes } from './model/workspace';

export {
  leaderIds,
  leaderLogits,
  logits,
  logNormalisers,
  prepareStep,
  runStep,
  stepTokens,
  stopWord,
} from './step/step';
export { waitForChange } from './threads/team';

export function isRelaxed(): bool {
  return ASC_FEATURE_RELAXED_SIMD;
}

// Each kernel for itself: what the tests hold against a scalar reference.
export { packRow } from './activations';
export { ATTEND_SCRATCH_BYTES, attendSlice } from './attention/attend-slice';
export { cacheFrom, headCacheBytes, scalesFrom, storeKey, storeValue } from './attention/cache';
export { finishState, mergeStates, stateBytes } from './attention/state';
export { embed } from './embedding';
export { addLeaders, clearList, mergeLists } from './head/leaders';
export { logNormaliser, sumOfPart } from './head/normaliser';
export { multiply } from './product/multiply';
export { rmsNorm } from './rms-norm';
export { rotate } from './rotary';
export { swiglu } from './swiglu';
