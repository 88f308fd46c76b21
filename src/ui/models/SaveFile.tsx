import { useEffect, useRef } from 'preact/hooks';
import { formatBytes } from '../format.ts';
import { upkeep as words } from '../later-words.ts';
import './upkeep.css';

interface SaveFileProps {
  readonly file: Blob;
  readonly fileName: string;
}

/** Hands a file to the browser to be saved, and stays as a link for where it wants to be pressed by the person. */
export function SaveFile({ file, fileName }: SaveFileProps) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    const url = URL.createObjectURL(file);
    if (link.current !== null) link.current.href = url;
    link.current?.click();
    return () => URL.revokeObjectURL(url);
  }, [file]);
  return (
    <div class="upkeep" role="status">
      <a class="button" ref={link} download={fileName}>
        {words.save(fileName, formatBytes(file.size))}
      </a>
    </div>
  );
}
