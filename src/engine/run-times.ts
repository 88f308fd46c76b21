/** Where the time of one run went: milliseconds, by the worker's clock but for `gpuMs`. */
export interface RunTimes {
  /** Recording and submitting commands. */
  readonly recordMs: number;
  /**
   * From the GPU's first to its last command of the run, by its own clock; pauses in which it waited for more commands
   * are included. Null where the device has no timestamps.
   */
  readonly gpuMs: number | null;
  /** From the last submission until the result was read back: what the GPU still had to do, and the way back. */
  readonly waitMs: number;
}
