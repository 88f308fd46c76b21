/** Room on this device: asked before the first byte, and explained with numbers when it runs out. */
import { AppError } from '../contract/errors.ts';

/** As `navigator.storage.estimate`: an estimate, and by browsers' choice a vague one. */
export type Estimate = () => Promise<{ readonly usage?: number; readonly quota?: number }>;

/** @throws AppError `storage-full` when the device tells that there is less than `neededBytes` */
export async function refuseWithoutRoom(
  neededBytes: number,
  estimate: Estimate | null,
): Promise<void> {
  const { usage, quota } = (await estimate?.()) ?? {};
  if (usage === undefined || quota === undefined) return;
  const freeBytes = Math.max(0, quota - usage);
  if (freeBytes < neededBytes) {
    throw new AppError('storage-full', `${neededBytes} bytes needed, ${freeBytes} free`, {
      detail: { type: 'too-little-room', neededBytes, leftBytes: freeBytes },
    });
  }
}

/** A `storage-full` that came while writing, with what is needed; anything else as it was. */
export function explainNeed(error: unknown, neededBytes: number): unknown {
  const isBare =
    error instanceof AppError && error.code === 'storage-full' && error.detail === null;
  if (!isBare) return error;
  return new AppError('storage-full', error.message, {
    detail: { type: 'ran-out', neededBytes },
    cause: error,
  });
}
