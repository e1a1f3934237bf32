import { addDays } from 'date-fns';
import type { ApiKey } from '../../../generated/client/types.gen.ts';

/** The status of a key. */
export type KeyStatus = 'active' | 'disabled' | 'expired' | 'ending';

/** A key that expires within this number of days has the status `ending`. */
const endingDays = 7;

/** Returns the status of a key at a given time. `expired` wins over `disabled`. */
export function statusOf({ enabled, expires }: Pick<ApiKey, 'enabled' | 'expires'>, now: Date): KeyStatus {
  if (expires !== undefined && expires <= now.getTime()) return 'expired';
  if (!enabled) return 'disabled';
  return expires !== undefined && expires <= addDays(now, endingDays).getTime() ? 'ending' : 'active';
}
