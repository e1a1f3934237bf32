import { type ApiKeyRecord, recordOf } from './api-key-record.ts';
import { type CheckedControl, type ControlStore, controlOf, requireRootKey } from './control.ts';
import { keys } from './keys.ts';
import { partitionOf, partitionOfHash } from './partitions.ts';
import { type RootKeyToVerify, recordToVerify } from './proof.ts';
import { countOnce, type RootKeyLimiter } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import { layout, stored, topLetter } from './scripts/usage.ts';

/** The length of a stored bucket. */
export type Resolution = keyof typeof layout;

/** The outcomes of verifications that are counted. */
type OutcomeCode = 'VALID' | 'RATE_LIMITED' | 'DISABLED' | 'EXPIRED';

/** The count of each outcome, by the start of the bucket in Unix ms. */
export type Buckets = Map<number, Partial<Record<OutcomeCode, number>>>;

/** Whose usage: that of a user in one API, or of a key. */
export type UsageOwner = { externalId: string; apiId: string } | { externalId: string; keyId: string };

/** Whose usage it is, as far as the name of the record tells. */
type StoredOwner = { externalId: string; apiId: string } | { keyId: string };

/** The decision on a key, with its record if the key exists. */
export type Decision =
  | { code: 'NOT_FOUND' }
  | { code: OutcomeCode; record: ApiKeyRecord; window?: { remaining: number; reset: number } };

const day = 86_400_000;

/** The length of the longest day, in ms: in Antarctica/Troll, clocks go back by two hours. */
export const longestDayMs = day + 2 * 3_600_000;

/** How long minutes are stored after the end of their hour, in ms. docs/evidence/memory.md has the reason. */
export const minutesStoredMs = stored.minutes;

const codes: OutcomeCode[] = ['VALID', 'RATE_LIMITED', 'DISABLED', 'EXPIRED'];
const codeOf = new Map(codes.map((code) => [code.charAt(0), code]));

/** The length of a bucket of this resolution, in ms. */
export const bucketMs = (resolution: Resolution): number => layout[resolution].bucket;

/** Adds the buckets of one HASH to `buckets`. */
function readHash(buckets: Buckets, resolution: Resolution, stretch: number, hash: Record<string, string>): void {
  const { stretch: length, bucket } = layout[resolution];
  for (const [field, count] of Object.entries(hash)) {
    const code = codeOf.get(field.slice(-1));
    if (code === undefined) continue;
    const time = stretch * length + Number(field.slice(0, -1)) * bucket;
    const counts = buckets.get(time) ?? {};
    counts[code] = (counts[code] ?? 0) + Number(count);
    buckets.set(time, counts);
  }
}

/** The whole numbers from the first to the last. */
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

export function usageStore(redis: Redis, control: ControlStore, limiter: RootKeyLimiter) {
  const prefixOf = (workspaceId: string, owner: UsageOwner) =>
    'keyId' in owner
      ? keys.keyUsage(partitionOf({ workspaceId, externalId: owner.externalId }), owner.keyId)
      : keys.userUsage({ workspaceId, externalId: owner.externalId }, owner.apiId);

  return {
    /**
     * Decides on a key of the root key's workspace by its SHA-256, limits it and counts it, in one step and one round trip.
     *
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, rate_limited, service_unavailable
     */
    async verify(
      rootKey: RootKeyToVerify,
      hash: string,
      { apiId = '', retentionDays }: { apiId?: string | undefined; retentionDays: number },
    ): Promise<Decision> {
      const { workspaceId } = recordToVerify(rootKey);
      const wanted = { rootKeyHash: rootKey.hash };
      await control.current(workspaceId, wanted, requireRootKey);
      await countOnce(limiter, workspaceId, rootKey);
      const place = { workspaceId, partition: partitionOfHash(hash) };
      const decide = (checked: CheckedControl) =>
        redis.run((client) =>
          client.verifyApiKey({
            keys: {
              ...controlOf.keys(place),
              apiKey: keys.apiKey(place, hash),
              apiKeyRate: keys.apiKeyRate(place, hash),
              usage: keys.usage(place),
            },
            args: {
              ...controlOf.args(checked),
              apiId,
              knownApis: control.lastApis(checked).join(' '),
              minutesTtlSeconds: minutesStoredMs / 1000,
              // A window can begin with the day in which the retention begins.
              restTtlSeconds: (retentionDays * day + longestDayMs) / 1000,
            },
          }),
        );
      const reply = await control.run(place, wanted, requireRootKey, async (checked) => {
        const first = await decide(checked);
        if (first.outcome !== 'unknown_api') return first;
        const now = await control.at(workspaceId, checked.version, { apiId: first.apiId });
        if (now === undefined) return { outcome: 'outdated' as const, version: checked.version };
        // The keys of a deleted API are not removed yet. A known one is among the last ones now.
        return now.api === undefined ? { outcome: 'NOT_FOUND' as const } : decide(checked);
      });
      if (reply.outcome === 'unknown_api') throw new Error('an API that was just read is known');
      if (reply.outcome === 'NOT_FOUND') return { code: reply.outcome };
      const { outcome: code, key, remaining, reset } = reply;
      return { code, record: recordOf(key), ...(remaining >= 0 && { window: { remaining, reset } }) };
    },

    /** The buckets of these owners together, from `start` on and before `end`, in Unix ms. One round trip. */
    async read(
      workspaceId: string,
      owners: UsageOwner[],
      resolution: Resolution,
      { start, end }: { start: number; end: number },
    ): Promise<Buckets> {
      const { letter, stretch } = layout[resolution];
      const stretches = range(Math.floor(start / stretch), Math.floor((end - 1) / stretch));
      const wanted = owners.flatMap((owner) =>
        stretches.map((number) => ({ number, name: `${prefixOf(workspaceId, owner)}${letter}${number}` })),
      );
      const found = await redis.run((client) => Promise.all(wanted.map(({ name }) => client.hGetAll(name))));
      const buckets: Buckets = new Map();
      for (const [i, { number }] of wanted.entries()) readHash(buckets, resolution, number, found[i] ?? {});
      return new Map([...buckets].filter(([time]) => time >= start && time < end));
    },

    /** The most used keys on the days of a window, most used first. Reads `many` keys of each day. */
    async topKeys(
      workspaceId: string,
      owners: { externalId: string; apiId: string }[],
      { start, end }: { start: number; end: number },
      many: number,
    ): Promise<string[]> {
      const days = range(Math.floor(start / day), Math.floor((end - 1) / day));
      const names = owners.flatMap((owner) =>
        days.map((number) => `${prefixOf(workspaceId, owner)}${topLetter}${number}`),
      );
      const found = await redis.run((client) =>
        Promise.all(names.map((name) => client.zRangeWithScores(name, 0, many - 1, { REV: true }))),
      );
      const sums = new Map<string, number>();
      for (const { value, score } of found.flat()) sums.set(value, (sums.get(value) ?? 0) + score);
      return [...sums]
        .sort(([, a], [, b]) => b - a)
        .slice(0, many)
        .map(([keyId]) => keyId);
    },

    /** Every stored bucket of a workspace, in no order. */
    async *everything(
      workspaceId: string,
    ): AsyncGenerator<{ owner: StoredOwner; resolution: Resolution; buckets: Buckets }> {
      for await (const name of redis.scan(`portico:{*}:${workspaceId}:usage:*`, 'hash')) {
        const [kind, id = '', ...rest] = name.split(':').slice(4);
        const [, letter, number] = /^([mqd])(\d+)$/.exec(rest.at(-1) ?? '') ?? [];
        const resolution = (Object.keys(layout) as Resolution[]).find((one) => layout[one].letter === letter);
        if (resolution === undefined) continue;
        const buckets: Buckets = new Map();
        readHash(buckets, resolution, Number(number), await redis.run((client) => client.hGetAll(name)));
        const user = Buffer.from(id, 'base64url').toString();
        const owner = kind === 'key' ? { keyId: id } : { externalId: user, apiId: rest[0] ?? '' };
        yield { owner, resolution, buckets };
      }
    },
  };
}
