import { fillingReader } from '../lib/filling-reader.ts';
import type { RequestMaker, RequestRecord } from '../contract/requests.ts';

/** A download of hundreds of megabytes is told of while it runs. */
const TELL_EVERY_BYTES = 4 * 2 ** 20;

/**
 * `fetch` that tells of each request and of the bytes of its body as they are read. The browser's own list says nothing of
 * bytes from other origins. Headers are not counted.
 */
export function countFetch(
  maker: RequestMaker,
  tell: (records: readonly RequestRecord[]) => void,
  send: typeof fetch,
): typeof fetch {
  return async (input, init) => {
    const [url = ''] = new Request(input, init).url.split('#', 1);
    const record = (requests: 0 | 1, networkBytes: number) =>
      tell([{ maker, url, requests, answeredBy: 'network', networkBytes }]);
    record(1, 0);
    const response = await send(input, init);
    if (response.body === null) return response;
    let untoldBytes = 0;
    const flush = () => {
      if (untoldBytes > 0) record(0, untoldBytes);
      untoldBytes = 0;
    };
    const came = (bytes: number) => {
      untoldBytes += bytes;
      if (untoldBytes >= TELL_EVERY_BYTES) flush();
    };
    const { status, statusText, headers } = response;
    const counted = count(response.body, came, flush);
    return new Response(counted, { status, statusText, headers });
  };
}

/** The same body. Whoever reads it into memory of his own still does. */
function count(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  came: (bytes: number) => void,
  ended: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const filling = fillingReader(body);
  return filling === null
    ? countPieces(body.getReader(), came, ended)
    : countFilled(filling, came, ended);
}

function countFilled(
  reader: ReadableStreamBYOBReader,
  came: (bytes: number) => void,
  ended: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: 64 * 1024,
    async pull(controller) {
      const asked = controller.byobRequest;
      if (asked?.view == null) throw new Error('a byte stream asked for nothing');
      const { buffer, byteOffset, byteLength } = asked.view;
      try {
        const { done, value } = await reader.read(new Uint8Array(buffer, byteOffset, byteLength));
        if (done) {
          ended();
          controller.close();
        } else {
          came(value.byteLength);
        }
        if (value !== undefined) asked.respondWithNewView(value);
      } catch (error) {
        ended();
        controller.error(error);
      }
    },
    cancel(reason) {
      ended();
      return reader.cancel(reason);
    },
  });
}

function countPieces(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  came: (bytes: number) => void,
  ended: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            ended();
            return controller.close();
          }
          came(value.byteLength);
          controller.enqueue(value);
        } catch (error) {
          ended();
          controller.error(error);
        }
      },
      cancel(reason) {
        ended();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
