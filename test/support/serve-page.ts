import { preview } from 'vite';

export interface ServedPage {
  /** Without a slash at the end. */
  readonly origin: string;
  /** Ends the server and every connection to it, as a lost network does. */
  stop(): Promise<void>;
}

export interface ServeOptions {
  /** Folder of the site to serve it from, with a slash on both ends. */
  readonly base?: string;
  /** Where the built page lies. */
  readonly folder?: string;
}

/** The built page on a free port, with the headers it has in preview. */
export async function servePage({
  base = '/',
  folder = 'dist',
}: ServeOptions = {}): Promise<ServedPage> {
  const server = await preview({
    base,
    build: { outDir: folder },
    logLevel: 'error',
    preview: { port: 0, host: 'localhost' },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  let isRunning = true;
  return {
    origin: `http://localhost:${address.port}`,
    async stop() {
      if (isRunning) await server.close();
      isRunning = false;
    },
  };
}
