import { useEffect } from 'preact/hooks';
import type { CatalogEntry } from '../../contract/store.ts';
import { useApp } from '../app-context.ts';
import { describeFit } from './describe-fit.ts';
import './fit-line.css';

/** Whether this device can hold and run a model, before the first byte comes. Nothing where the device does not tell. */
export function FitLine({ entry }: { readonly entry: CatalogEntry }) {
  const { room, fitOf } = useApp();
  useEffect(() => void room.look(), [room]);
  const fit = fitOf(entry);
  if (fit.verdict === null) return null;
  return <span class={`fit-line fit-line--${fit.verdict}`}>{describeFit(fit)}</span>;
}
