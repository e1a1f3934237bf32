/** Counts of verifications by outcome, from the stored buckets. */
import type { VerificationCounts } from '../../../../generated/client/types.gen.ts';
import type { Store } from '../../store/index.ts';
import type { Buckets, OutcomeCode, Resolution, UsageOwner } from '../../store/usage.ts';
import { joined, type Piece, timesIn } from './window.ts';

/** The count of each outcome. */
const fieldOf: Record<OutcomeCode, Exclude<keyof VerificationCounts, 'total'>> = {
  VALID: 'valid',
  RATE_LIMITED: 'rateLimited',
  USAGE_EXCEEDED: 'usageExceeded',
  DISABLED: 'disabled',
  EXPIRED: 'expired',
  INSUFFICIENT_PERMISSIONS: 'insufficientPermissions',
  FORBIDDEN: 'forbidden',
};
const fields = Object.entries(fieldOf) as [OutcomeCode, (typeof fieldOf)[OutcomeCode]][];

/** The counts of these buckets together. */
export function countsOf(buckets: Iterable<Partial<Record<OutcomeCode, number>>>): VerificationCounts {
  const counts: VerificationCounts = {
    ...{ total: 0, valid: 0, rateLimited: 0, usageExceeded: 0, disabled: 0, expired: 0 },
    ...{ insufficientPermissions: 0, forbidden: 0 },
  };
  for (const bucket of buckets) {
    for (const [code, field] of fields) {
      const count = bucket[code] ?? 0;
      counts[field] += count;
      counts.total += count;
    }
  }
  return counts;
}

/** Reads stored buckets, and returns the counts of any piece of them. The store's calls go out together. */
export async function readCounts(
  store: Store,
  workspaceId: string,
  owners: UsageOwner[],
  pieces: Piece[],
): Promise<(pieces: Piece[]) => VerificationCounts> {
  const found: Record<Resolution, Buckets> = { minute: new Map(), quarterHour: new Map(), day: new Map() };
  await Promise.all(
    joined(pieces).map(async ({ resolution, ...span }) => {
      for (const [time, counts] of await store.usage.read(workspaceId, owners, resolution, span))
        found[resolution].set(time, counts);
    }),
  );
  function* bucketsIn(wanted: Piece[]) {
    for (const piece of wanted) {
      for (const time of timesIn(piece)) {
        const counts = found[piece.resolution].get(time);
        if (counts !== undefined) yield counts;
      }
    }
  }
  return (wanted) => countsOf(bucketsIn(wanted));
}
