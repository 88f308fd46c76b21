/** Pulled further than this, a sheet goes. */
const FAR_ENOUGH_PX = 96;

/**
 * Lets `sheet` be pulled down by `grip` with a finger. Only touch: a mouse has the close button.
 * @returns what ends it
 */
export function pullDown(grip: HTMLElement, sheet: HTMLElement, onAway: () => void): () => void {
  let startPx: number | null = null;
  const life = new AbortController();
  const { signal } = life;

  const settle = () => {
    startPx = null;
    sheet.style.transform = '';
  };
  grip.addEventListener(
    'pointerdown',
    (event) => {
      if (event.pointerType !== 'touch') return;
      startPx = event.clientY;
      grip.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  grip.addEventListener(
    'pointermove',
    ({ clientY }) => {
      if (startPx === null) return;
      sheet.style.transform = `translateY(${Math.max(0, clientY - startPx)}px)`;
    },
    { signal },
  );
  grip.addEventListener(
    'pointerup',
    ({ clientY }) => {
      const isAway = startPx !== null && clientY - startPx > FAR_ENOUGH_PX;
      settle();
      if (isAway) onAway();
    },
    { signal },
  );
  grip.addEventListener('pointercancel', settle, { signal });
  return () => {
    settle();
    life.abort();
  };
}
