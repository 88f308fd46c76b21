/** Keeps the screen on while something is measured, where the browser lets a page do so. @returns ends it */
export function keepAwake(): () => void {
  let isOver = false;
  let lock: WakeLockSentinel | null = null;
  const take = async () => {
    try {
      lock = (await navigator.wakeLock?.request('screen')) ?? null;
    } catch {
      return; // a device that saves power says no: then its owner keeps the screen on
    }
    if (isOver) void lock?.release();
  };
  void take();
  return () => {
    isOver = true;
    void lock?.release();
  };
}
