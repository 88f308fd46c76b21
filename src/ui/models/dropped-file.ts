/** Whether a file says by its name that it is a model; what it says inside is the store's to check. */
export function isModelFile({ name }: { readonly name: string }): boolean {
  return /\.(gguf|offgrid)$/i.test(name);
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
