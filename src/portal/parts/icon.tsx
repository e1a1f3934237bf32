import { type IconName, shapes } from './icon-shapes.ts';

/** The icons that point along the line: they point the other way from right to left. */
const pointing: readonly IconName[] = ['arrow-back', 'log-out'];

/** A picture beside a text that says the same, so it is hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      className={pointing.includes(name) ? 'icon mirrors' : 'icon'}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
