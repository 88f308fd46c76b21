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
      userMessage: `This model needs about ${megabytes(neededBytes)} of room, and the browser has ${megabytes(freeBytes)} left for this page. ${REMEDY}`,
    });
  }
}

/** A `storage-full` that came while writing, with what is needed in its sentence; anything else as it was. */
export function explainNeed(error: unknown, neededBytes: number): unknown {
  const plain = new AppError('storage-full', '');
  const isPlain = error instanceof AppError && error.userMessage === plain.userMessage;
  if (!isPlain) return error;
  return new AppError('storage-full', error.message, {
    userMessage: `There was no room left while this model was written; it needs about ${megabytes(neededBytes)}. ${REMEDY}`,
    cause: error,
  });
}

const REMEDY = 'Free some space, or remove another model here, and try again.';

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
}
