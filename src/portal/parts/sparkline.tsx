/** The grid of the drawing: each count is a column of three units, of which the bar has two. */
const [column, bar, height] = [3, 2, 20];

/** Counts over time as small bars. The number beside it says how many there are, so it is hidden from screen readers. */
export function Sparkline({ counts }: { counts: readonly number[] }) {
  const highest = Math.max(1, ...counts);
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${counts.length * column - (column - bar)} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {counts.map((count, i) => {
        // A time without calls is a dot, and one with few is visible.
        const size = count === 0 ? 1 : Math.max(3, (count / highest) * height);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: the times have no other name
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
