/** Counts of verifications by outcome, from the stored buckets. */
import type { VerificationCounts } from '../../../../generated/client/types.gen.ts';
import type { Store } from '../../store/index.ts';
import type { Buckets, Resolution, UsageOwner } from '../../store/usage.ts';
import { joined, type Piece, timesIn } from './window.ts';

/** The counts of these buckets together. */
export function countsOf(buckets: Iterable<Partial<Record<string, number>>>): VerificationCounts {
  const counts = { total: 0, valid: 0, rateLimited: 0, disabled: 0, expired: 0 };
  for (const { VALID = 0, RATE_LIMITED = 0, DISABLED = 0, EXPIRED = 0 } of buckets) {
    counts.total += VALID + RATE_LIMITED + DISABLED + EXPIRED;
    counts.valid += VALID;
    counts.rateLimited += RATE_LIMITED;
    counts.disabled += DISABLED;
    counts.expired += EXPIRED;
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
  return (wanted) =>
    countsOf(wanted.flatMap((piece) => timesIn(piece).map((time) => found[piece.resolution].get(time) ?? {})));
}
