import { useQuery } from '@tanstack/react-query';
import { useFormatter, useTranslations } from 'use-intl';
import type { LimitsOfApi, VisibleApi } from '../../../generated/client/types.gen.ts';
import { Meter } from '../parts/meter.tsx';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { units } from './key-rules.ts';
import { useRateText } from './use-rule-text.ts';

/** The quota of the user in an API: how much is used, and when it starts again. */
function Quota({
  of: { limit, remaining, period, timeZone, reset },
  label,
}: {
  of: NonNullable<LimitsOfApi['quota']>;
  label: string;
}) {
  const t = useTranslations('keys.limits');
  const format = useFormatter();
  const used = Math.max(limit - remaining, 0);
  const text = t('calls', { used, limit, period });
  const date = format.dateTime(new Date(reset), { dateStyle: 'medium', timeStyle: 'short', timeZone });
  return (
    <div className="quota">
      <p>
        {/* The dot is at the end of a line, never at the beginning of the next. */}
        {text}
        <span className="muted">
          {'\u00a0· '}
          {t('left', { left: remaining })}
        </span>
      </p>
      <Meter label={label} used={used} limit={limit} text={text} />
      <p className="muted">
        {t('resets', { in: format.relativeTime(new Date(reset), new Date(now())), date, zone: timeZone })}
      </p>
    </div>
  );
}

function Limit({ of: { ratelimit, quota }, name }: { of: LimitsOfApi; name: string | undefined }) {
  const t = useTranslations('keys.limits');
  const rateText = useRateText();
  return (
    <li>
      {name !== undefined && <h3>{name}</h3>}
      {quota !== undefined && <Quota of={quota} label={name ?? t('title')} />}
      {ratelimit !== undefined && <p>{t('rate', { rate: rateText(ratelimit) })}</p>}
    </li>
  );
}

/** How long a period takes at most, in ms. */
const periodMs: Record<string, number> = { hour: units.hour, day: units.day, week: 7 * units.day };
const longestPeriodMs = 30 * units.day;

/** What the policy of an API allows, as if nothing was used: it takes as much room as the present state. */
function unused({ apiId, policy }: VisibleApi): LimitsOfApi {
  const { quota, ratelimit } = policy?.perUser ?? {};
  return {
    apiId,
    ...(quota !== undefined && {
      quota: { ...quota, remaining: quota.limit, reset: now() + (periodMs[quota.period] ?? longestPeriodMs) },
    }),
    ...(ratelimit !== undefined && { ratelimit: { ...ratelimit, remaining: ratelimit.limit, reset: now() } }),
  };
}

/** What the user can call in each API with all keys together, if it is limited. Its room is there before it is known, so nothing moves. */
export function Limits({ apis }: { apis: VisibleApi[] }) {
  const t = useTranslations('keys.limits');
  const { data, error } = useQuery({
    queryKey: ['limits'],
    queryFn: async () => (await portal.getLimits({})).data,
    enabled: apis.some(({ policy }) => policy?.perUser !== undefined),
    refetchOnWindowFocus: true,
  });
  const limits = (data ?? apis.map(unused)).filter(
    ({ ratelimit, quota }) => ratelimit !== undefined || quota !== undefined,
  );
  if (error !== null && data === undefined) return <p className="muted">{t('failed')}</p>;
  if (limits.length === 0) return null;
  const nameIn = ({ apiId }: LimitsOfApi) =>
    apis.length > 1 ? apis.find((api) => api.apiId === apiId)?.name : undefined;
  return (
    <section className="limits" aria-labelledby="limits">
      <h2 id="limits">{t('title')}</h2>
      <ul {...(data === undefined && { className: 'awaited', 'aria-hidden': true })}>
        {limits.map((each) => (
          <Limit key={each.apiId} of={each} name={nameIn(each)} />
        ))}
      </ul>
    </section>
  );
}
