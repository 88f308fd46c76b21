/** Builds the kernels before the tests that load them, unless they are up to date. */
export { buildKernels as default } from '../../src/kernels/build-kernels.ts';
