import { useFormatter, useTranslations } from 'use-intl';
import type { VerificationCounts } from '../../../generated/client/types.gen.ts';
import { outcomesIn } from './outcomes.ts';
import { Swatch } from './swatch.tsx';

/** The total number of verifications, and the number of each outcome. */
export function Totals({ totals }: { totals: VerificationCounts }) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  return (
    <dl className="totals">
      <div>
        <dt>{t('total')}</dt>
        <dd>{format.number(totals.total)}</dd>
      </div>
      {outcomesIn(totals).map((outcome) => (
        <div key={outcome}>
          <dt>
            <Swatch of={outcome} />
            {t(`outcomes.${outcome}`)}
          </dt>
          <dd>{format.number(totals[outcome])}</dd>
          <dd className="share">
            {t('share', {
              share: format.number(totals[outcome] / Math.max(totals.total, 1), {
                style: 'percent',
                maximumFractionDigits: 1,
              }),
            })}
          </dd>
        </div>
      ))}
    </dl>
  );
}
