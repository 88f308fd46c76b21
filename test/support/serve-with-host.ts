import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AnsweringHost } from './download-page.ts';
import { servePage, type ServedPage } from './serve-page.ts';

/** The built page, with files of models under `models/` that answer as the caller's host does. */
export async function serveWithHost(host: AnsweringHost): Promise<ServedPage> {
  const page = await servePage();
  const server = createServer((request, response) => {
    const { method, headers, url = '/' } = request;
    if (/^\/models\/.*\.gguf$/.test(url)) {
      host.answer(request, response);
      return;
    }
    const passed = ask(page.origin + url, { method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await page.stop();
    },
  };
}
