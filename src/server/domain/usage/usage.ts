import type {
  TopKey,
  Verification,
  VerificationCounts,
  Verifications,
} from '../../../../generated/client/types.gen.ts';
import { invalidInput, Problem, type ValidationFailure } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { RootKeyToVerify } from '../../store/root-keys.ts';
import { type Buckets, bucketMs, type Granularity, minutesStoredMs, type UsageOwner } from '../../store/usage.ts';
import { sha256 } from '../credentials.ts';
import { keyVerified } from '../events.ts';
import { ownerOf, readableApis, requireOnApi } from '../keys/key-access.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** How many of the most used keys are returned, and how many of each day are read to find them. */
const topKeysShown = 10;
const topKeysLookedAt = 20;

/** A period in Unix ms: includes its start, excludes its end. */
interface Span {
  start: number;
  end: number;
}

/**
 * Decides whether an API of the root key's workspace should accept a key, and counts the verification. Verifies the root
 * key in the same step.
 *
 * @returns NOT_FOUND for a key of another workspace, or of another API than `apiId`
 * @throws Problem key_not_found, workspace_not_found, workspace_disabled, rate_limited
 */
export async function verifyKey(
  store: Store,
  rootKey: RootKeyToVerify,
  { key, apiId }: { key: string; apiId?: string },
  retentionDays: number,
): Promise<Verification> {
  const decision = await store.usage.verify(rootKey, sha256(key), { apiId, retentionDays });
  keyVerified.publish(decision.code);
  if (decision.code === 'NOT_FOUND') return { valid: false, code: decision.code };
  const { code, record, window } = decision;
  const { keyId, externalId, name, meta, expires, ratelimit } = record;
  return {
    valid: code === 'VALID',
    code,
    keyId,
    apiId: record.apiId,
    externalId,
    ...(name !== undefined && { name }),
    ...(meta !== undefined && { meta }),
    ...(expires !== undefined && { expires }),
    ...(ratelimit !== undefined && window !== undefined && { ratelimit: { ...ratelimit, ...window } }),
  };
}

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

/** @throws Problem invalid_input with all failures at once */
function checkWindow({ start, end }: Span, now: number, retentionDays: number): void {
  const failures: ValidationFailure[] = [];
  if (start < now - retentionDays * day) {
    const message = `must not be longer ago than ${retentionDays} days, for which usage is kept`;
    failures.push({ location: 'body.startTime', message, fix: 'Ask for a later window.' });
  }
  if (end <= start || end > now + day) {
    const message = end <= start ? 'must be after startTime' : 'must be no more than a day ahead';
    failures.push({ location: 'body.endTime', message, fix: 'Send the end of the window, in Unix ms.' });
  }
  if (failures.length > 0) throw invalidInput(...failures);
}

/** The finest granularity that the length of the window allows, and that is still stored at its start. */
function granularityOf({ start, end }: Span, now: number): Granularity {
  if (end - start <= 3 * hour && start >= now - minutesStoredMs) return 'minute';
  return end - start <= 4 * day ? 'hour' : 'day';
}

/** The window in whole buckets. */
function wholeBuckets({ start, end }: Span, granularity: Granularity): Span {
  const length = bucketMs(granularity);
  return { start: Math.floor(start / length) * length, end: Math.ceil(end / length) * length };
}

function seriesOf(buckets: Buckets, { start, end }: Span, granularity: Granularity): Verifications['series'] {
  const length = bucketMs(granularity);
  return Array.from({ length: (end - start) / length }, (_, i) => {
    const time = start + i * length;
    return { time, ...countsOf([buckets.get(time) ?? {}]) };
  });
}

/**
 * The usage of the session's own keys in a window: of all keys in the APIs that the session can see, or of one.
 *
 * @throws Problem invalid_input, insufficient_permissions, key_not_found
 */
export async function getVerifications(
  store: Store,
  session: AuthenticatedSession,
  { startTime, endTime, keyId }: { startTime: number; endTime: number; keyId?: string },
  retentionDays: number,
): Promise<Verifications> {
  const owner = ownerOf(session);
  const { workspaceId, externalId } = owner;
  const now = Date.now();
  const asked = { start: startTime, end: endTime };
  const apis = await readableApis(store, session, 'read_analytics');
  const key = keyId === undefined ? undefined : await store.apiKeys.find(owner, keyId);
  if (keyId !== undefined) {
    if (key === undefined || !session.portal.apiIds.includes(key.record.apiId)) {
      throw new Problem('unkey/data/key_not_found');
    }
    requireOnApi(session, key.record.apiId, 'read_analytics');
  }
  checkWindow(asked, now, retentionDays);

  const granularity = granularityOf(asked, now);
  const span = wholeBuckets(asked, granularity);
  const users = apis.map((apiId) => ({ externalId, apiId }));
  const read = (owners: UsageOwner[]) => store.usage.read(workspaceId, owners, granularity, span);
  const buckets = await read(keyId === undefined ? users : [{ keyId }]);
  const candidates =
    keyId === undefined ? await store.usage.topKeys(workspaceId, users, span, topKeysLookedAt) : [keyId];
  const records = new Map((await store.apiKeys.findMany(owner, candidates)).map((record) => [record.keyId, record]));
  const topKeys = await Promise.all(
    candidates.map(async (candidate): Promise<TopKey> => {
      const { apiId, name } = records.get(candidate) ?? {};
      const counts = countsOf((await read([{ keyId: candidate }])).values());
      return {
        keyId: candidate,
        ...(apiId !== undefined && { apiId }),
        ...(name !== undefined && { name }),
        ...counts,
      };
    }),
  );
  return {
    startTime: span.start,
    endTime: span.end,
    granularity,
    totals: countsOf(buckets.values()),
    series: seriesOf(buckets, span, granularity),
    topKeys: topKeys
      .filter(({ total }) => total > 0)
      .sort((a, b) => b.total - a.total)
      .slice(0, topKeysShown),
  };
}
