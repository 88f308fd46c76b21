import './progress-bar.css';

interface ProgressBarProps {
  readonly label: string;
  /** 0–1; null while it is unknown how far it is. */
  readonly fraction: number | null;
}

export function ProgressBar({ label, fraction }: ProgressBarProps) {
  // Without a value the bar is indeterminate; `value={null}` would make it 0.
  const value = fraction === null ? {} : { value: fraction };
  return <progress class="progress-bar" aria-label={label} max={1} {...value} />;
}
