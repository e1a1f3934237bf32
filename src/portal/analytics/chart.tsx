import { type KeyboardEvent, type PointerEvent, useId, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { TopKey, VerificationCounts, Verifications } from '../../../generated/client/types.gen.ts';
import { ChartBars } from './chart-bars.tsx';
import { countTicks, peakOf, positionAt, timeTicks } from './chart-scales.ts';
import { ChartTooltip } from './chart-tooltip.tsx';
import { useKeyNames } from './key-names.ts';
import { outcomes, outcomesIn } from './outcomes.ts';
import type { TimeWindow } from './time-window.ts';
import { useTimes } from './use-times.ts';
import { useWidth } from './use-width.ts';

/** Sizes in px. `digit` is the approximate width of a digit in a label. */
const height = 240;
const digit = 7;
const margin = { top: 8, right: 12, bottom: 28 };
const innerHeight = height - margin.top - margin.bottom;

/** The keys that move the position in the chart, by how many buckets. */
const moves: Record<string, number> = {
  ...{ ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 },
  ...{ Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY },
};

/**
 * The outcomes over time as stacked bars, with a summary in one sentence. It has a position, that of the pointer or of the keyboard, whose
 * numbers it shows. Dragging selects the buckets to zoom to; by keyboard, Shift selects them and Enter zooms. The chart is drawn
 * from left to right in every language.
 */
export function Chart({
  usage,
  highlighted,
  onZoom,
  onZoomOut,
}: {
  usage: Verifications;
  highlighted: TopKey | undefined;
  onZoom: (window: TimeWindow) => void;
  /** Undefined if the chart shows all of the chosen time range. */
  onZoomOut: (() => void) | undefined;
}) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  const names = useKeyNames();
  const times = useTimes(usage);
  const id = useId();
  const [figure, width] = useWidth<HTMLElement>();
  // Times, so that another window has no position and no selection.
  const [pointedTime, setPointedTime] = useState<number>();
  const [anchorTime, setAnchorTime] = useState<number>();
  const { series, totals } = usage;
  const [first, peak] = [series[0], peakOf(series)];
  if (first === undefined || peak === undefined) return null;
  const summary = t('chartSummary', {
    total: totals.total,
    from: times.full(first.time),
    to: times.end,
    peak: times.full(peak.time),
    peakTotal: peak.total,
  });

  const ticks = countTicks(peak.total);
  const highest = ticks.at(-1) ?? 1;
  const inShort = (count: number) => format.number(count, { notation: 'compact' });
  const left = Math.max(...ticks.map((tick) => inShort(tick).length)) * digit + 10;
  const across = Math.max(width - left - margin.right, 1);
  const step = across / series.length;
  const middleOf = (at: number) => (at + 0.5) * step;

  const positionOf = (time: number | undefined) => series.findIndex((bucket) => bucket.time === time);
  const [position, anchor] = [positionOf(pointedTime), positionOf(anchorTime)];
  const isPointed = position >= 0;
  const at = isPointed ? position : series.length - 1;
  const [from, to] = anchor < 0 ? [at, at] : [Math.min(anchor, at), Math.max(anchor, at)];
  const timeAt = (index: number) => series[index]?.time;
  const point = (index: number) => setPointedTime(timeAt(Math.min(Math.max(index, 0), series.length - 1)));

  const zoom = (one: number, other: number) => {
    const [start, end] = [Math.min(one, other), Math.max(one, other)];
    setAnchorTime(undefined);
    // A minute has no smaller parts, and all buckets are what the chart shows already.
    if ((start === end && usage.granularity === 'minute') || end - start === series.length - 1) return;
    onZoom({
      startTime: Math.max(timeAt(start) ?? 0, usage.startTime),
      endTime: timeAt(end + 1) ?? usage.endTime,
    });
  };
  const pointedBy = ({ clientX, currentTarget }: PointerEvent) =>
    positionAt(series.length, across, clientX - currentTarget.getBoundingClientRect().left);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = moves[event.key];
    if (by !== undefined) {
      if (!event.shiftKey) setAnchorTime(undefined);
      else if (anchor < 0) setAnchorTime(timeAt(at));
      point(at + by);
    } else if (event.key === 'Enter') zoom(from, to);
    else if (event.key === 'Escape') {
      if (anchor >= 0) setAnchorTime(undefined);
      else if (onZoomOut) onZoomOut();
      else setPointedTime(undefined);
    } else return;
    event.preventDefault();
  };

  /** The sums of the selected buckets; usually there is one. */
  const sum = (counts: readonly number[]) => counts.reduce((before, count) => before + count, 0);
  const selected = series.slice(from, to + 1);
  const counts = Object.fromEntries(
    (['total', ...outcomes] as const).map((field) => [field, sum(selected.map((bucket) => bucket[field]))]),
  ) as unknown as VerificationCounts;
  const time = times.span(timeAt(from) ?? 0, timeAt(to) ?? 0);
  const ofKey = highlighted && {
    name: names.name(highlighted),
    count: sum(highlighted.trend.slice(from, to + 1)),
  };
  const spoken = [
    time,
    ...(counts.total === 0 ? [t('noCalls')] : []),
    ...outcomesIn(counts).map((outcome) => `${t(`outcomes.${outcome}`)} ${format.number(counts[outcome])}`),
    ...(ofKey ? [`${ofKey.name} ${format.number(ofKey.count)}`] : []),
  ].join(', ');
  const band = (start: number, end: number) => ({
    ...{ left: left + start * step, width: (end - start + 1) * step },
    ...{ top: margin.top, height: innerHeight },
  });

  return (
    <figure className="chart" ref={figure}>
      {width > 0 && (
        <div className="chart-area">
          {isPointed && <div className={anchor < 0 ? 'pointed' : 'pointed selected'} style={band(from, to)} />}
          <svg role="img" aria-label={summary} width={width} height={height}>
            <g transform={`translate(${left} ${margin.top})`}>
              {ticks.map((tick) => (
                <g key={tick} transform={`translate(0 ${innerHeight * (1 - tick / highest)})`}>
                  <line className={tick === 0 ? 'axis' : 'grid'} x2={across} />
                  <text x={-8} dy={4} textAnchor="end">
                    {inShort(tick)}
                  </text>
                </g>
              ))}
              <ChartBars series={series} trend={highlighted?.trend} {...{ across, highest, height: innerHeight }} />
              {timeTicks(
                series.map(({ time }) => time),
                usage.granularity,
                across,
                times.wallClock,
              ).map((index) => (
                <text key={index} x={middleOf(index)} y={innerHeight + 20} textAnchor="middle">
                  {times.short(timeAt(index) ?? 0)}
                </text>
              ))}
            </g>
          </svg>
          <div
            className="pointer-area"
            style={band(0, series.length - 1)}
            role="slider"
            tabIndex={0}
            aria-label={t('position')}
            aria-describedby={id}
            aria-valuemin={0}
            aria-valuemax={series.length - 1}
            aria-valuenow={at}
            aria-valuetext={spoken}
            onFocus={() => point(at)}
            onBlur={() => {
              setPointedTime(undefined);
              setAnchorTime(undefined);
            }}
            onKeyDown={onKeyDown}
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              event.currentTarget.setPointerCapture(event.pointerId);
              point(pointedBy(event));
              setAnchorTime(timeAt(pointedBy(event)));
            }}
            onPointerMove={(event) => point(pointedBy(event))}
            onPointerUp={(event) => {
              const end = pointedBy(event);
              if (anchor >= 0 && anchor !== end) zoom(anchor, end);
              setAnchorTime(undefined);
            }}
            // The finger scrolls the page.
            onPointerCancel={() => setAnchorTime(undefined)}
            onPointerLeave={({ pointerType, currentTarget }) => {
              // A lifted finger also leaves, but the numbers must stay visible, as must those of the keyboard.
              if (pointerType === 'mouse' && !currentTarget.matches(':focus-visible')) setPointedTime(undefined);
            }}
            onDoubleClick={() => zoom(at, at)}
          />
          {isPointed && (
            <ChartTooltip {...{ counts, time, ofKey }} start={left + from * step} end={left + (to + 1) * step} />
          )}
        </div>
      )}
      {/* Screen readers get the sentence from the drawing, and the numbers from the position and the table. */}
      <figcaption aria-hidden="true">{summary}</figcaption>
      <p id={id} className="chart-keys">
        {t('zoomKeys')}
      </p>
    </figure>
  );
}
