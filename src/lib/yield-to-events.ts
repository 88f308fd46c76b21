let channel: MessageChannel | null = null;
const waiting: (() => void)[] = [];

/**
 * Lets queued messages (a cancel) in before continuing. A MessageChannel hop on
 * purpose: measured in Chromium 156, `scheduler.yield()` resumes ahead of waiting
 * messages and `setTimeout(0)` costs 3.3 ms a turn; this costs 0.14 ms.
 */
export function yieldToEvents(): Promise<void> {
  if (channel === null) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()?.();
    // Node keeps a process alive for an open port; browsers have no `unref`.
    (channel.port1 as { unref?: () => void }).unref?.();
  }
  const { port2 } = channel;
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(null);
  });
}
