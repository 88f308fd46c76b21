import { AppError } from '../../contract/errors.ts';
import type { CompiledManifest } from '../../contract/model.ts';

/**
 * @param actualBytes by name, of the files that were opened
 * @throws AppError `compiled-damaged` when one is not as long as the manifest says
 */
export function checkFiles(
  { files }: Pick<CompiledManifest, 'files'>,
  actualBytes: Readonly<Record<string, number>>,
): void {
  for (const { name, totalBytes } of files) {
    const actual = actualBytes[name];
    if (actual !== undefined && actual !== totalBytes) {
      const message = `${name}: ${actual} bytes instead of ${totalBytes}`;
      throw new AppError('compiled-damaged', message);
    }
  }
}
