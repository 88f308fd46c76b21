/** Whether a file says by its name that it is a model; what it says inside is the store's to check. */
export function isModelFile({ name }: { readonly name: string }): boolean {
  return /\.(gguf|offgrid)$/i.test(name);
}

/** Larger ones are no text to be worked on: no context holds them. */
const MOST_TEXT_BYTES = 1e6;

/** Whether a file is a text, as far as its kind and its name say, that can go into the field. */
export function isTextFile({ name, type, size }: Pick<File, 'name' | 'type' | 'size'>): boolean {
  const isText =
    type.startsWith('text/') || /\.(txt|md|csv|json|[jt]sx?|py|c|h|cpp|rs|go|java|sh)$/i.test(name);
  return isText && size <= MOST_TEXT_BYTES;
}

/**
 * Lets one file be dropped anywhere on the page.
 * @param onOver whether a file hangs over the page now
 * @returns what ends it
 */
export function watchDrops(
  page: Document,
  onOver: (isOver: boolean) => void,
  onDrop: (file: File) => void,
): () => void {
  const life = new AbortController();
  const { signal } = life;
  page.addEventListener(
    'dragover',
    (event) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      onOver(true);
    },
    { signal },
  );
  page.addEventListener(
    'dragleave',
    (event) => {
      if (event.relatedTarget === null) onOver(false); // left the window, not only an element
    },
    { signal },
  );
  page.addEventListener(
    'drop',
    (event) => {
      if (!hasFile(event)) return;
      event.preventDefault(); // else the browser opens the file in place of the page
      onOver(false);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) onDrop(file);
    },
    { signal },
  );
  return () => life.abort();
}

function hasFile({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true;
}
