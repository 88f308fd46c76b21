/** What Vite makes of such an import: the address of the file. (`vite/client` would bring DOM types.) */
declare module '*?url' {
  const url: string;
  export default url;
}

/** The address of the file compressed, by vite.config.ts; of the file itself while developing. */
declare module '*?gzip' {
  const url: string;
  export default url;
}
