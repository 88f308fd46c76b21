/** A reader that fills memory of whoever reads. Null where this stream, or this browser, gives pieces of its own only. */
export function fillingReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return body.getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}
