import { expect, test } from 'vitest';
import { untilIdle } from '../../src/ui/until-idle.ts';

test('waits until a browser says that nothing else is to be done, and tells it how long at most', async () => {
  const asked: (IdleRequestOptions | undefined)[] = [];
  let isIdle = false;
  const view = {
    requestIdleCallback(callback: IdleRequestCallback, options?: IdleRequestOptions) {
      asked.push(options);
      setTimeout(() => {
        isIdle = true;
        callback({ didTimeout: false, timeRemaining: () => 10 });
      });
      return 1;
    },
  };

  await untilIdle(view, 500);

  expect(isIdle).toBe(true);
  expect(asked).toEqual([{ timeout: 500 }]);
});

test('is over at the next turn in a browser that does not say so', async () => {
  await expect(untilIdle({}, 500)).resolves.toBeUndefined();
});
