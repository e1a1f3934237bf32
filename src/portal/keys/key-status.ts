import { addDays } from 'date-fns';
import type { ApiKey } from '../../../generated/client/types.gen.ts';

/** What a key is good for now. */
export type KeyStatus = 'active' | 'disabled' | 'expired' | 'ending';

/** A key that ends within so many days is about to. */
const endingDays = 7;

/** What a key is good for at this time. An expired one is that, whether or not it is also switched off. */
export function statusOf({ enabled, expires }: Pick<ApiKey, 'enabled' | 'expires'>, now: Date): KeyStatus {
  if (expires !== undefined && expires <= now.getTime()) return 'expired';
  if (!enabled) return 'disabled';
  return expires !== undefined && expires <= addDays(now, endingDays).getTime() ? 'ending' : 'active';
}
