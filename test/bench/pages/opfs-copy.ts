/** The folder at the top of the private file system that the bench keeps files in. */
export const BENCH_FOLDER = 'bench';

/**
 * The file at `url` as a file in this origin's private file system, copied there if it is not there yet in full.
 * Engines load from such files because a visitor's second visit does.
 */
export async function copyToOpfs(url: string, fileName: string): Promise<File> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) throw new Error(`${url}: ${response.status}`);
  const totalBytes = Number(response.headers.get('content-length'));

  const folder = await benchFolder();
  const handle = await folder.getFileHandle(fileName, { create: true });
  const present = await handle.getFile();
  if (present.size === totalBytes) {
    await response.body.cancel();
    return present;
  }
  await response.body.pipeTo(await handle.createWritable());
  return handle.getFile();
}

/** A file that `copyToOpfs` put there in an earlier call. */
export async function openFromOpfs(fileName: string): Promise<File> {
  const folder = await benchFolder();
  return (await folder.getFileHandle(fileName)).getFile();
}

async function benchFolder(): Promise<FileSystemDirectoryHandle> {
  const origin = await navigator.storage.getDirectory();
  return origin.getDirectoryHandle(BENCH_FOLDER, { create: true });
}
