import { useFormatter, useTranslations } from 'use-intl';
import type { Verifications } from '../../../generated/client/types.gen.ts';
import { outcomesIn } from './outcomes.ts';
import { useTimes } from './use-times.ts';

/** All numbers of the chart, as a table. */
export function SeriesTable({ usage }: { usage: Verifications }) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  const times = useTimes(usage);
  const counts = ['total', ...outcomesIn(usage.totals)] as const;
  return (
    // Focusable, so that the keyboard can scroll it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must be able to scroll it
    <section className="table-wrap series" aria-label={t('chart')} tabIndex={0}>
      <table className="data">
        <thead>
          <tr>
            <th scope="col">{t('time')}</th>
            {counts.map((count) => (
              <th key={count} scope="col" className="number">
                {count === 'total' ? t('total') : t(`outcomes.${count}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {usage.series.map((bucket) => (
            <tr key={bucket.time}>
              <th scope="row">{times.full(bucket.time)}</th>
              {counts.map((count) => (
                <td key={count} className="number">
                  {format.number(bucket[count])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
