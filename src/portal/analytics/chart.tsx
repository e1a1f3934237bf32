import { AxisBottom, AxisLeft } from '@visx/axis';
import { BarStack } from '@visx/shape';
import { type PointerEvent, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { VerificationBucket, Verifications } from '../../../generated/client/types.gen.ts';
import { bucketAt, countScale, countTickValues, peakOf, timeScale, timeTickValues } from './chart-scales.ts';
import { type Outcome, outcomeColor, outcomes, outcomesIn } from './outcomes.ts';
import { Swatch } from './swatch.tsx';
import { useTimes } from './use-times.ts';
import { useWidth } from './use-width.ts';

/** Sizes in px. `digit` is the approximate width of a digit in a label. */
const height = 240;
const labels = { fontSize: 12, digit: 7 };
const margin = { top: 8, right: 12, bottom: 28 };
const maxBarWidth = 48;
const gap = 1;

const label = { fill: 'var(--muted)', fontFamily: 'inherit', fontSize: labels.fontSize };

/** One segment of a bar, with a gap of one pixel to the segment below. A segment for a small count is still visible. */
function Segment({
  x,
  y,
  width,
  height,
  color,
}: {
  x: number;
  y: number;
  width: number;
  height: number;
  color: string;
}) {
  if (height <= 0) return null;
  const shown = Math.min(width, maxBarWidth);
  return (
    <rect x={x + (width - shown) / 2} y={y} width={shown} height={Math.max(height - gap, 1)} style={{ fill: color }} />
  );
}

function Drawing({
  usage,
  width,
  summary,
  pointed,
  onPoint,
}: {
  usage: Verifications;
  width: number;
  summary: string;
  pointed: VerificationBucket | undefined;
  onPoint: (bucket: VerificationBucket | undefined) => void;
}) {
  const format = useFormatter();
  const times = useTimes(usage);
  const { series, granularity } = usage;
  const inner = { height: height - margin.top - margin.bottom };
  const counts = countScale(series, inner.height);
  const ticks = countTickValues(counts);
  const inShort = (count: number) => format.number(count, { notation: 'compact' });
  const left = Math.max(...ticks.map((tick) => inShort(tick).length)) * labels.digit + 10;
  const across = Math.max(width - left - margin.right, 1);
  const along = timeScale(series, across);
  const point = ({ clientX, currentTarget }: PointerEvent<SVGSVGElement>) =>
    onPoint(bucketAt(series, across, clientX - currentTarget.getBoundingClientRect().left - left));
  return (
    <svg
      role="img"
      aria-label={summary}
      width={width}
      height={height}
      onPointerMove={point}
      onPointerDown={point}
      // A lifted finger also leaves, but the readout must stay visible.
      onPointerLeave={({ pointerType }) => pointerType === 'mouse' && onPoint(undefined)}
    >
      <g transform={`translate(${left} ${margin.top})`}>
        {ticks.map((tick) => (
          <line key={tick} className="grid" x2={across} y1={counts(tick)} y2={counts(tick)} />
        ))}
        {pointed !== undefined && (
          <rect
            className="pointed"
            x={(along(pointed.time) ?? 0) + (along.bandwidth() - along.step()) / 2}
            width={along.step()}
            height={inner.height}
          />
        )}
        <BarStack<VerificationBucket, Outcome, typeof along, typeof counts>
          data={series}
          keys={outcomes}
          x={({ time }) => time}
          xScale={along}
          yScale={counts}
          color={(outcome) => outcomeColor[outcome]}
        >
          {(stacks) =>
            stacks.flatMap(({ key, bars }) =>
              bars.map(({ index, x, y, width, height, color }) => (
                <Segment key={`${key} ${index}`} x={x} y={y} width={width} height={height} color={color} />
              )),
            )
          }
        </BarStack>
        <AxisLeft
          scale={counts}
          tickValues={ticks}
          tickFormat={(tick) => inShort(Number(tick))}
          tickLabelProps={{ ...label, dx: -4, dy: 4, textAnchor: 'end' }}
          tickLength={0}
          hideAxisLine
          hideTicks
        />
        <AxisBottom
          top={inner.height}
          scale={along}
          tickValues={timeTickValues(
            series.map(({ time }) => time),
            granularity,
            across,
            times.wallClock,
          )}
          tickFormat={times.short}
          tickLabelProps={{ ...label, dy: 4, textAnchor: 'middle' }}
          tickLength={5}
          stroke="var(--control-line)"
          tickStroke="var(--control-line)"
        />
      </g>
    </svg>
  );
}

/** The legend of the outcomes. */
function Legend({ shown }: { shown: readonly Outcome[] }) {
  const t = useTranslations('analytics');
  return (
    <ul className="legend">
      {shown.map((outcome) => (
        <li key={outcome}>
          <Swatch of={outcome} />
          {t(`outcomes.${outcome}`)}
        </li>
      ))}
    </ul>
  );
}

/** The numbers of the selected bucket. */
function Readout({ bucket, time, shown }: { bucket: VerificationBucket; time: string; shown: readonly Outcome[] }) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  return (
    <>
      <strong>{t('readout', { time, total: bucket.total })}</strong>
      {shown.map((outcome) => (
        <span key={outcome}>
          <Swatch of={outcome} />
          {t(`outcomes.${outcome}`)} {format.number(bucket[outcome])}
        </span>
      ))}
    </>
  );
}

/** The outcomes over time as stacked bars, with a summary in one sentence. */
export function Chart({ usage }: { usage: Verifications }) {
  const t = useTranslations('analytics');
  const times = useTimes(usage);
  const [figure, width] = useWidth<HTMLElement>();
  const [pointedTime, setPointedTime] = useState<number>();
  const { series, totals } = usage;
  const [first, last, peak] = [series[0], series.at(-1), peakOf(series)];
  if (first === undefined || last === undefined || peak === undefined) return null;
  const summary = t('chartSummary', {
    total: totals.total,
    from: times.full(first.time),
    to: times.full(last.time),
    peak: times.full(peak.time),
    peakTotal: peak.total,
  });
  // Found by its time, so that another window has no selected bucket.
  const pointed = series.find(({ time }) => time === pointedTime);
  return (
    <figure className="chart" ref={figure}>
      <Legend shown={outcomesIn(totals)} />
      {width > 0 && (
        <Drawing
          usage={usage}
          width={width}
          summary={summary}
          pointed={pointed}
          onPoint={(bucket) => setPointedTime(bucket?.time)}
        />
      )}
      {/* Screen readers get the sentence from the drawing, and the numbers from the table. */}
      <figcaption aria-hidden="true">
        {pointed === undefined ? (
          summary
        ) : (
          <Readout bucket={pointed} time={times.full(pointed.time)} shown={outcomesIn(totals)} />
        )}
      </figcaption>
    </figure>
  );
}
