import { useLayoutEffect, useRef } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { VerificationCounts } from '../../../generated/client/types.gen.ts';
import { outcomesIn } from './outcomes.ts';
import { Swatch } from './swatch.tsx';

/** The distance to the bar, in px. */
const distance = 8;

/** The numbers of a bar or of several, beside them and never outside the chart. */
export function ChartTooltip({
  counts,
  time,
  ofKey,
  start,
  end,
}: {
  counts: VerificationCounts;
  time: string;
  ofKey: { name: string; count: number } | undefined;
  /** Where the bars begin and end, in px from the left end of the chart. */
  start: number;
  end: number;
}) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  const own = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = own;
    const room = (current?.parentElement?.clientWidth ?? 0) - (current?.offsetWidth ?? 0);
    const right = end + distance;
    const left = right <= room ? right : start - distance - (current?.offsetWidth ?? 0);
    if (current !== null) current.style.left = `${Math.min(Math.max(left, 0), Math.max(room, 0))}px`;
  });
  return (
    <div ref={own} className="tooltip" aria-hidden="true">
      <strong>{time}</strong>
      {counts.total === 0 && t('noCalls')}
      <dl>
        {outcomesIn(counts).map((outcome) => (
          <div key={outcome}>
            <dt>
              <Swatch of={outcome} />
              {t(`outcomes.${outcome}`)}
            </dt>
            <dd>{format.number(counts[outcome])}</dd>
          </div>
        ))}
        {ofKey && (
          <div className="of-key">
            <dt>
              <bdi>{ofKey.name}</bdi>
            </dt>
            <dd>{format.number(ofKey.count)}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
