import { memo } from 'react';
import type { VerificationBucket } from '../../../generated/client/types.gen.ts';
import { barsOf } from './chart-scales.ts';
import { outcomeColor, outcomesIn } from './outcomes.ts';

/** The distance between two segments, in px. */
const gap = 1;

/** The bars, of which each segment is one outcome. If a key is highlighted, they step back behind its part of each. */
export const ChartBars = memo(function ChartBars({
  series,
  trend,
  across,
  highest,
  height,
}: {
  series: readonly VerificationBucket[];
  trend: readonly number[] | undefined;
  /** The width of all of them, in px. */
  across: number;
  /** The count at the top, and where it is above the bottom, in px. */
  highest: number;
  height: number;
}) {
  const { bar, leftOf } = barsOf(series.length, across);
  const heightOf = (count: number) => (count / highest) * height;
  /** A segment for a small count is still visible. */
  const segment = (key: string, position: number, below: number, count: number, color: string) => (
    <rect
      key={key}
      x={leftOf(position)}
      y={height - heightOf(below + count)}
      width={bar}
      height={Math.max(heightOf(count) - gap, 1)}
      style={{ fill: color }}
    />
  );
  return (
    <>
      <g className={trend && 'behind'}>
        {series.map((bucket, i) => {
          let below = 0;
          return outcomesIn(bucket).map((outcome) => {
            const drawn = segment(`${outcome} ${bucket.time}`, i, below, bucket[outcome], outcomeColor[outcome]);
            below += bucket[outcome];
            return drawn;
          });
        })}
      </g>
      {trend?.map((count, i) => count > 0 && segment(`${series[i]?.time}`, i, 0, count, 'var(--bar)'))}
    </>
  );
});
