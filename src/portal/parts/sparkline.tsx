import type { KeyUsage } from '../../../generated/client/types.gen.ts';

/** The grid of the drawing: each hour is a column of three units, of which the bar has two. */
const [column, bar, height] = [3, 2, 20];

/** The calls of each of the last 24 hours as bars. The number beside it says how many there are, so it is hidden from screen readers. */
export function Sparkline({ usage: { hours } }: { usage: KeyUsage }) {
  const highest = Math.max(1, ...hours);
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${hours.length * column - (column - bar)} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {hours.map((count, i) => {
        // An hour without calls is a dot, and one with few is visible.
        const size = count === 0 ? 1 : Math.max(3, (count / highest) * height);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: the hours have no other name
            key={i}
            className={count === 0 ? 'none' : undefined}
            x={i * column}
            y={height - size}
            width={bar}
            height={size}
          />
        );
      })}
    </svg>
  );
}
