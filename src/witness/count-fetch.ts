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
    const reader = response.body.getReader();
    let untoldBytes = 0;
    const flush = () => {
      if (untoldBytes > 0) record(0, untoldBytes);
      untoldBytes = 0;
    };
    const counted = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        async pull(controller) {
          try {
            const { done, value } = await reader.read();
            if (done) {
              flush();
              return controller.close();
            }
            untoldBytes += value.byteLength;
            if (untoldBytes >= TELL_EVERY_BYTES) flush();
            controller.enqueue(value);
          } catch (error) {
            flush();
            controller.error(error);
          }
        },
        cancel(reason) {
          flush();
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
    const { status, statusText, headers } = response;
    return new Response(counted, { status, statusText, headers });
  };
}
