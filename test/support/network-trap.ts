import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A proxy that lets nothing through and remembers who asked. A browser that is told to use it sends everything here
 * that is not for localhost: from pages, workers, service workers, prefetching, and from the browser itself.
 */
export interface NetworkTrap {
  readonly address: string;
  /** Host of each attempt, without the usual port, in order. */
  readonly attempts: readonly string[];
  close(): Promise<void>;
}

export async function setNetworkTrap(): Promise<NetworkTrap> {
  const attempts: string[] = [];
  const server = createServer((request, response) => {
    attempts.push(request.headers.host ?? request.url ?? '?');
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket) => {
    attempts.push(request.url?.replace(/:443$/, '') ?? '?');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    attempts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
