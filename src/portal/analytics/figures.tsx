import { useFormatter, useTranslations } from 'use-intl';
import type { VerificationCounts } from '../../../generated/client/types.gen.ts';
import type { OwnKeys } from './queries.ts';

/** How a figure has changed since the window before. Only whether that is good has a colour, and the arrow says the direction. */
function Change({ by, text, isGood }: { by: number; text: string; isGood: boolean | undefined }) {
  const t = useTranslations('analytics.change');
  if (by === 0) return null;
  const direction = by > 0 ? 'up' : 'down';
  return (
    <span className="change" data-good={isGood}>
      <span aria-hidden="true">
        {by > 0 ? '▲' : '▼'} {text}
      </span>
      <span className="visually-hidden">{t(direction, { change: text })}</span>
    </span>
  );
}

const rateOf = ({ valid, total }: VerificationCounts): number => valid / Math.max(total, 1);
const refusedOf = ({ valid, total }: VerificationCounts): number => total - valid;

/** The numbers of a window, each with how it has changed since the window before. */
export function Figures({
  totals,
  before,
  own,
}: {
  totals: VerificationCounts;
  /** The totals of the window before, if usage was stored then. */
  before: VerificationCounts | undefined;
  /** The keys of the user, if they may list them. */
  own: OwnKeys | 'loading' | undefined;
}) {
  const t = useTranslations('analytics');
  const format = useFormatter();
  const percent = (part: number) => format.number(part, { style: 'percent', maximumFractionDigits: 1 });
  // Nothing can be compared with a window without calls.
  const past = before !== undefined && before.total > 0 ? before : undefined;
  /** The change of a number by the part of it that was there before. */
  const changeOf = (numberOf: (counts: VerificationCounts) => number) => {
    const was = past === undefined ? 0 : numberOf(past);
    return was === 0 ? 0 : Math.round(((numberOf(totals) - was) / was) * 1000) / 1000;
  };
  const calls = changeOf(({ total }) => total);
  const refused = changeOf(refusedOf);
  // In percentage points.
  const rate = past === undefined ? 0 : Math.round((rateOf(totals) - rateOf(past)) * 1000) / 10;
  return (
    <dl className="figures">
      <div>
        <dt>{t('figures.calls')}</dt>
        <dd>
          {format.number(totals.total)} <Change by={calls} text={percent(Math.abs(calls))} isGood={undefined} />
        </dd>
      </div>
      <div>
        <dt>{t('figures.successRate')}</dt>
        <dd>
          {percent(rateOf(totals))}{' '}
          <Change by={rate} text={t('points', { points: Math.abs(rate) })} isGood={rate > 0} />
        </dd>
      </div>
      <div>
        <dt>{t('figures.refused')}</dt>
        <dd>
          {format.number(refusedOf(totals))}{' '}
          <Change by={refused} text={percent(Math.abs(refused))} isGood={refused < 0} />
        </dd>
      </div>
      {own !== undefined && (
        <div>
          <dt>{t('figures.activeKeys')}</dt>
          <dd>
            {own === 'loading' ? (
              '–'
            ) : (
              <>
                {format.number(own.active)} <span className="of">{t('figures.of', { all: own.all })}</span>
              </>
            )}
          </dd>
        </div>
      )}
    </dl>
  );
}
