/** What Vite makes of such an import: the address of the file. (`vite/client` would bring DOM types.) */
declare module '*?url' {
  const url: string;
  export default url;
}
