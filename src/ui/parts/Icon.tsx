import './icon.css';

/** One set: 20 px, stroke, no fill. */
const PATHS = {
  plus: 'M10 4v12M4 10h12',
  close: 'M5 5l10 10M15 5L5 15',
  check: 'M4 10.5l4 4 8-9',
  ask: 'M10 16V4.5M5 9l5-5 5 5',
  down: 'M10 4v11.5M5 11l5 5 5-5',
  stop: 'M6 6h8v8H6z',
  sliders: 'M3 6h6.5M14.5 6H17M3 14h2.5M10.5 14H17M12 3.5v5M8 11.5v5',
  gauge: 'M3 14.5a7 7 0 1 1 14 0M10 14.5l3.2-5',
  chip: 'M6 6h8v8H6zM8 3v3M12 3v3M8 14v3M12 14v3M3 8h3M3 12h3M14 8h3M14 12h3',
  alert: 'M10 3.5l7 12.5H3zM10 8.5v3.5M10 13.9v.1',
  chevron: 'M6 8l4 4 4-4',
  download: 'M10 3v9.5M5.5 8.5l4.5 4.5 4.5-4.5M4 16.5h12',
  file: 'M5 3h6l4 4v10H5zM11 3v4h4',
  menu: 'M3.5 6h13M3.5 10h13M3.5 14h13',
  more: 'M5.2 10a.7.7 0 1 1-1.4 0 .7.7 0 0 1 1.4 0zM10.7 10a.7.7 0 1 1-1.4 0 .7.7 0 0 1 1.4 0zM16.2 10a.7.7 0 1 1-1.4 0 .7.7 0 0 1 1.4 0z',
  edit: 'M4 16l.8-3.4L13.5 4l2.5 2.5-8.6 8.7zM11.8 5.7l2.5 2.5',
  copy: 'M7.5 7.5h9v9h-9zM4.5 12.5h-1v-9h9v1',
  previous: 'M12 5l-5 5 5 5',
  next: 'M8 5l5 5-5 5',
  goOn: 'M4 10h11.5M11 5l5 5-5 5',
  xray: 'M3 5h8M3 10h14M3 15h5M13.5 5h3.5M10.5 15h6.5',
  pin: 'M7 3h6l-.7 5.5L15 11v1.5H5V11l2.7-2.5zM10 12.5V17',
  temporary: 'M10 3a7 7 0 1 0 7 7M10 6v4l2.5 2M13 3.7l.1 0M16 6.5l.1.1',
  again: 'M15.7 8.5A6 6 0 1 0 16 11M16 4v4.5h-4.5',
} as const;

export type IconName = keyof typeof PATHS;

/** Always beside a label, or inside something that has a name: for screen readers it is not there. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
