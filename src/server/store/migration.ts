/**
 * Data of 0.1.0, where all records of a workspace had its id as their hash tag. Control data is still there, under the same names. This
 * file and old-usage.ts have the names of everything else. It is moved to the partitions, except for sessions, which are removed: their
 * credentials do not name a partition.
 *
 * One step moves one key, or a day of usage: it writes the new record together with a mark, then removes the old one, then the mark. So a
 * kill at any point leaves at least one of both records, and a repetition completes the step without writing or counting it twice.
 */
import { type ApiKeyRecord, wholeValueOf } from './api-key-record.ts';
import { forwardsOf } from './forwards.ts';
import { identityOf } from './identities.ts';
import { keys } from './keys.ts';
import { oldRecordOf } from './old-keys.ts';
import { countsText, namesOfDay, type OldDay, oldDayOf, readOldDay } from './old-usage.ts';
import { placeOf } from './page.ts';
import { type Owner, type Partition, partitionOf, partitionsOf } from './partitions.ts';
import type { Redis } from './redis.ts';
import { restTtlOf } from './usage.ts';

/** A record of 0.1.0: `portico:{<workspace>}:<rest>`. */
interface OldName {
  name: string;
  workspaceId: string;
  rest: string;
}

/** The kinds of records that are removed, and what the quota counts for each record besides its text. */
const leftoverKinds: [kind: RegExp, overhead: number | ''][] = [
  [/^(browser-)?session:/, 700],
  // The response to createSession has a session of 0.1.0: a repeated request gets a new one.
  [/^idempotency:(sess_|rkid_\w+:portal\.createSession:)/, 300],
  [/^(handle|portal-sessions|user-sessions|stored-responses|calls):/, ''],
  [/^(api-key-rate|user-keys|user-key-order|user-key-ends|user-key-expiry|user-quota):/, ''],
  [/^usage:/, ''],
];

const overheadOf = ({ rest }: OldName) => leftoverKinds.find(([kind]) => kind.test(rest))?.[1];
/** What the quota of 0.1.0 counts for a key besides its text. */
const keyOverhead = 600;

/** How many records one step reads, moves or removes. */
const atOnce = 50;
/** How many names one step removes. */
const namesAtOnce = 500;
/** How long a migration that was killed keeps others from starting, in seconds. */
export const lockSeconds = 30;

/** Groups items, so that few are in memory. */
async function* batches<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < atOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

export function migrationStore(redis: Redis) {
  const forwards = forwardsOf(redis);

  /** The old records of these workspaces with such a name. */
  async function* oldNames(
    workspaceIds: string[],
    match: string,
    type: Parameters<Redis['scan']>[1],
  ): AsyncGenerator<OldName> {
    const [only] = workspaceIds;
    const tag = workspaceIds.length === 1 ? only : 'ws_*';
    for await (const name of redis.scan(`portico:{${tag}}:${match}`, type)) {
      const [, workspaceId = '', rest = ''] = /^portico:\{(ws_[^}:]+)\}:(.*)$/s.exec(name) ?? [];
      if (workspaceIds.includes(workspaceId)) yield { name, workspaceId, rest };
    }
  }

  /** Removes old records of one workspace and kind. */
  const removeOld = (workspaceId: string, names: string[], overhead: number | '') =>
    redis.run((client) => client.removeOld({ keys: { quota: keys.quota(workspaceId) }, args: { overhead, names } }));

  async function* leftovers(workspaceIds: string[]): AsyncGenerator<OldName> {
    for (const type of ['string', 'zset', 'hash'] as const) {
      for await (const old of oldNames(workspaceIds, '*', type)) if (overheadOf(old) !== undefined) yield old;
    }
  }

  /** Writes a key in the partition of its user, with the window of its rate limit. */
  async function writeKey(owner: Owner, hash: string, record: ApiKeyRecord): Promise<void> {
    const { workspaceId } = owner;
    const oldRate = `portico:{${workspaceId}}:api-key-rate:${hash}`;
    const [used, windowEnd] = await redis.run((client) =>
      Promise.all([client.get(oldRate), client.pExpireTime(oldRate)]),
    );
    const place = partitionOf(owner);
    await redis.run((client) =>
      client.migrateApiKey({
        keys: {
          migrated: keys.migrated(place),
          apiKey: keys.apiKey(place, hash),
          apiKeyRate: keys.apiKeyRate(place, hash),
          ...{ keyIds: keys.keyId(place, ''), apiKeyOrders: keys.apiKeyOrder(place, ''), keyEnds: keys.keyEnds(place) },
          userKeyOrder: keys.userKeyOrder(owner),
          userKeyEnds: keys.userKeyEnds(owner),
          scopeCounts: keys.scopeCounts(place, ''),
          scopeEnds: keys.scopeEnds(place, ''),
          userKeyExpiries: keys.userKeyExpiry(owner, ''),
          quota: keys.partitionQuota(place),
          userQuota: keys.userQuota(owner),
          ...identityOf.keys(owner),
        },
        args: {
          ...identityOf.args(owner, record.createdAt),
          ...{ hash, value: wholeValueOf(record), place: placeOf(record.createdAt, record.keyId) },
          ...{ used: windowEnd > 0 ? Number(used) : 0, windowEnd },
        },
      }),
    );
  }

  async function moveKey({ workspaceId, name, rest }: OldName): Promise<void> {
    const value = await redis.run((client) => client.get(name));
    if (value === null) return;
    const hash = rest.slice('api-key:'.length);
    const record = oldRecordOf(value);
    const owner = { workspaceId, externalId: record.externalId };
    // The keys of a deleted API are no longer found, and are removed some time.
    const isWanted = await redis.run((client) => client.hExists(keys.apis(workspaceId), record.apiId));
    if (isWanted) {
      await writeKey(owner, hash, record);
      await forwards.write(owner, hash, record);
    }
    await removeOld(workspaceId, [name], keyOverhead);
    if (isWanted) await redis.run((client) => client.sRem(keys.migrated(partitionOf(owner)), hash));
  }

  async function* oldDays(workspaceIds: string[]): AsyncGenerator<OldDay> {
    for await (const { workspaceId, rest } of oldNames(workspaceIds, 'usage:user:*', 'hash')) {
      const old = oldDayOf(workspaceId, rest);
      if (old !== undefined) yield old;
    }
  }

  /** Counts the verifications of a day in the partition of the user. */
  async function moveDay(old: OldDay, retentionDays: number): Promise<void> {
    const { workspaceId, user, apiId, day } = old;
    const owner = { workspaceId, externalId: Buffer.from(user, 'base64url').toString() };
    const place = partitionOf(owner);
    const [usageLog, usageWork] = [keys.usageLog(owner), keys.usageWork(place)];
    const migrated = keys.migrated(place);
    const partOf = (keyId: string) => `${user}:${apiId}:${day}:${keyId}`;
    // Also parts without a count: after a kill, what is left of a day may look as if they had one.
    const all = [...(await readOldDay(redis, old))];
    for (let i = 0; i < all.length; i += atOnce) {
      const writes = all.slice(i, i + atOnce).map(([keyId, counts]) => {
        const names = { migrated, usageLog, usageWork, quota: keys.partitionQuota(place), ...identityOf.keys(owner) };
        const counted = { part: partOf(keyId), user, apiId, keyId, counts: countsText(counts) };
        const args = { ...counted, ...identityOf.args(owner, day * 86_400_000) };
        return redis.run((client) => client.migrateUsage({ keys: names, args }));
      });
      await Promise.all(writes);
    }
    // At once, so that the log stays short. Otherwise a server does it.
    const own = {
      usageLog,
      usageWork,
      usageDays: keys.usageDay(owner),
      usageTops: keys.usageTop(owner),
      usageApis: keys.usageApis(owner),
    };
    const rollUp = (cursor: string) =>
      redis.run((client) =>
        client.rollUpUsage({ keys: own, args: { user, cursor, restTtlMs: restTtlOf(retentionDays) } }),
      );
    let reply = await rollUp('0');
    while (reply.outcome === 'more') reply = await rollUp(reply.cursor);
    const keyIds = all.map(([keyId]) => keyId);
    // Of the keys that were deleted there are none.
    const names = namesOfDay(old, keyIds);
    for (let i = 0; i < names.length; i += namesAtOnce) {
      await removeOld(workspaceId, names.slice(i, i + namesAtOnce), '');
    }
    await redis.run((client) => client.sRem(migrated, keyIds.map(partOf)));
  }

  return {
    /**
     * Takes the lock of the migration, or renews it: two at the same time would count usage twice. False if another one has it.
     *
     * @param id names this migration
     */
    async lock(id: string): Promise<boolean> {
      const reply = await redis.run(async (client) => {
        if ((await client.get(keys.migration)) === id) return client.expire(keys.migration, lockSeconds);
        return client.set(keys.migration, id, { condition: 'NX', expiration: { type: 'EX', value: lockSeconds } });
      });
      return reply === 'OK' || reply === 1;
    },

    /** Gives the lock back. */
    async unlock(): Promise<void> {
      await redis.run((client) => client.del(keys.migration));
    },

    /** How many ms of the minute are left in which a server of 0.1.0 has counted a call; 0 if none has. */
    async lastCallMs(workspaceIds: string[]): Promise<number> {
      let longest = 0;
      for await (const batch of batches(oldNames(workspaceIds, 'calls:*', 'string'))) {
        const left = await redis.run((client) => Promise.all(batch.map(({ name }) => client.pTTL(name))));
        longest = Math.max(longest, ...left);
      }
      return longest;
    },

    /** The API keys of these workspaces that are at their old places, a few at a time. */
    oldKeys: (workspaceIds: string[]) => batches(oldNames(workspaceIds, 'api-key:*', 'string')),

    /** Moves API keys to the partitions of their users. */
    async moveKeys(batch: OldName[]): Promise<void> {
      await Promise.all(batch.map(moveKey));
    },

    /** The days of usage of these workspaces that are at their old places, a few at a time. */
    oldDays: (workspaceIds: string[]) => batches(oldDays(workspaceIds)),

    /** Moves days of usage to the partitions of their users. */
    async moveDays(batch: OldDay[], retentionDays: number): Promise<void> {
      // A day is found by each half of it.
      const days = new Map(batch.map((old) => [Object.values(old).join(' '), old]));
      await Promise.all([...days.values()].map((old) => moveDay(old, retentionDays)));
    },

    /** All other records of these workspaces that are at old places, a few at a time: sessions, and indexes of what was moved. */
    leftovers: (workspaceIds: string[]) => batches(leftovers(workspaceIds)),

    /** Removes such records. */
    async remove(batch: OldName[]): Promise<void> {
      const groups = Map.groupBy(batch, (old) => `${old.workspaceId} ${overheadOf(old)}`);
      await Promise.all(
        [...groups.values()].map(async (group) => {
          const [first] = group;
          if (first === undefined) return;
          await removeOld(
            first.workspaceId,
            group.map(({ name }) => name),
            overheadOf(first) ?? '',
          );
        }),
      );
    },

    /**
     * Moves the root keys, so that servers of 0.1.0 can do nothing any more, and removes what the migration has stored for its
     * repetition. False if 0.1.0 has created root keys since.
     */
    async finish(workspaceId: string): Promise<boolean> {
      const own = { oldRootKeys: keys.oldRootKeys(workspaceId), rootKeys: keys.rootKeys(workspaceId) };
      if ((await redis.run((client) => client.lockOut({ keys: own }))).outcome !== 'ok') return false;
      const names = partitionsOf(workspaceId).map((place: Partition) => keys.migrated(place));
      await redis.run((client) => Promise.all(names.map((name) => client.unlink(name))));
      return true;
    },
  };
}
