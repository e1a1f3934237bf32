import { addDays } from 'date-fns';
import { useFormatter, useTranslations } from 'use-intl';
import type { ApiKey, ListedKey, Policy } from '../../../generated/client/types.gen.ts';
import { endOf } from './key-rules.ts';

/** The status of a key. */
export type KeyStatus = 'active' | 'disabled' | 'expired' | 'ending';

/** A key that expires within this number of days has the status `ending`. The server counts by the same rule. */
const endingDays = 7;
const hourMs = 3_600_000;

/** Returns the status of a key at a given time, under the policy of its API. `expired` wins over `disabled`. */
export function statusOf(
  key: Pick<ApiKey, 'enabled' | 'expires' | 'createdAt'>,
  policy: Policy | undefined,
  now: Date,
): KeyStatus {
  const { enabled } = key;
  const expires = endOf(key, policy);
  if (expires !== undefined && expires <= now.getTime()) return 'expired';
  if (!enabled) return 'disabled';
  return expires !== undefined && expires <= addDays(now, endingDays).getTime() ? 'ending' : 'active';
}

/** Returns the text of the status of a key: also when it ends, and that another key has replaced it. */
export function useStatusText(): (key: ListedKey, policy: Policy | undefined, now: Date) => string {
  const t = useTranslations('keys.status');
  const format = useFormatter();
  return (key, policy, now) => {
    const status = statusOf(key, policy, now);
    const end = endOf(key, policy);
    if (status !== 'ending' || end === undefined) return t(status);
    // An overlap of 24 hours is one of 24 hours, not of one day.
    const isSoon = end - now.getTime() > 1.5 * hourMs && end - now.getTime() < 36 * hourMs;
    const when = format.relativeTime(new Date(end), isSoon ? { now, unit: 'hour' } : { now });
    return t(key.replacedBy === undefined ? 'ending' : 'replaced', { when });
  };
}
