/** What models/import-gguf.ts makes of such an import: the file as it was when the page was built. */
declare module '*.gguf' {
  const file: {
    /** Relative to the page or the worker that asks, or absolute. */
    readonly url: string;
    readonly totalBytes: number;
    /** 64 lower-case hex digits. */
    readonly sha256: string;
  };
  export default file;
}
