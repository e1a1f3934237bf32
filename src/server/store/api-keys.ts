import { Problem } from '../problem.ts';
import { type ApiKeyRecord, jsonOf, recordOf, type StoredApiKey, textOf, wholeValueOf } from './api-key-record.ts';
import { type CheckedControl, type ControlStore, requireEntry, sessionOf } from './control.ts';
import { forwardsOf } from './forwards.ts';
import { type ResponseToStore, repeatable, type StoredResponse, storedResponseOf } from './idempotency.ts';
import { keys, userOf } from './keys.ts';
import { limitReached, type Quota, type StoreLimits } from './limits.ts';
import { type Page, placeOf, readEntries } from './page.ts';
import { type Owner, partitionOf } from './partitions.ts';
import { accepted, type SessionProof } from './proof.ts';
import type { Redis } from './redis.ts';
import { lastUsedLength } from './scripts/keys.ts';

export type { Owner };

/** How many keys one page of a list looks at, at most: the cost of a page does not grow with the number of keys. */
const maxLookedAt = 1000;

const apiNotFound = () => new Problem('unkey/data/api_not_found');
const keyNotFound = () => new Problem('unkey/data/key_not_found');

/** How many keys one step removes. */
const removedAtOnce = 50;

export function apiKeyStore(
  redis: Redis,
  control: ControlStore,
  quota: Quota,
  { keysPerUser: maxRecords }: StoreLimits,
) {
  const forwards = forwardsOf(redis);
  const mapAndOrder = (owner: Owner) => ({ userKeys: keys.userKeys(owner), userKeyOrder: keys.userKeyOrder(owner) });
  /** What every script that changes keys of a user takes. */
  const indexes = (owner: Owner) => ({
    ...mapAndOrder(owner),
    userKeyEnds: keys.userKeyEnds(owner),
    userKeyExpiries: keys.userKeyExpiry(owner, ''),
    quota: keys.partitionQuota(partitionOf(owner)),
    userQuota: keys.userQuota(owner),
  });
  /** What a script needs besides to remove keys of a user. */
  const prefixes = (owner: Owner) => ({
    apiKeys: keys.apiKey(partitionOf(owner), ''),
    apiKeyRates: keys.apiKeyRate(partitionOf(owner), ''),
    usageLog: keys.usageLog(owner),
    usageDays: keys.usageDay(owner),
    usageTops: keys.usageTop(owner),
  });
  /** @throws Problem limit_exceeded if there is no room for a new record */
  const withRoom = <Reply extends { outcome: string }>(reply: Reply) => {
    if (reply.outcome === 'no_room') throw limitReached(`${maxRecords} keys per user, with those that have ended`);
    return repeatable.within(quota.within(reply)) as Exclude<
      Reply,
      { outcome: 'no_room' | 'quota_exceeded' | 'user_quota_exceeded' | 'too_many_responses' }
    >;
  };

  const valuesOf = (owner: Owner, hashes: string[]) => {
    const place = partitionOf(owner);
    return redis.run((client) => client.mGet(hashes.map((hash) => keys.apiKey(place, hash))));
  };

  /**
   * Runs a script that changes a key of a session's user, while the session is valid and its portal has the API of the key.
   *
   * @throws Problem of a session that is no longer valid; `missing` if its portal has lost the API
   */
  const change = <Reply extends { outcome: string }>(
    session: SessionProof,
    apiId: string,
    missing: () => Problem,
    step: (checked: CheckedControl) => Promise<Reply>,
  ) =>
    control.run(
      session.ref,
      { portalId: session.portalId, apiId },
      (now) => {
        const portal = requireEntry(now, session);
        if (!portal.apiIds.includes(apiId) || now.api === undefined) throw missing();
      },
      step,
    );

  /** Removes all keys of a user in an API. */
  async function removeAll(owner: Owner, apiId: string): Promise<void> {
    const ends = keys.userKeyEnds(owner);
    const all = await redis.run((client) => client.zRange(ends, 0, -1));
    const own = all.filter((entry) => entry.endsWith(` ${apiId}`));
    for (let i = 0; i < own.length; i += removedAtOnce) {
      const entries = own.slice(i, i + removedAtOnce);
      const args = { apiId, entries };
      const ids = entries.map((entry) => entry.slice(entry.indexOf(':') + 1, entry.indexOf(' ')));
      const hashes = await redis.run((client) => client.hmGet(keys.userKeys(owner), ids));
      await redis.run((client) => client.removeApiKeys({ keys: { ...indexes(owner), ...prefixes(owner) }, args }));
      await forwards.remove(
        owner,
        hashes.filter((hash) => hash !== null),
      );
    }
  }

  return {
    /**
     * Writes a new key, or returns why not. A repeated request writes nothing and gets its stored response.
     *
     * @param maxKeys how many active keys its user can have in its API
     * @param response what to store for repeated requests
     * @throws Problem limit_exceeded; of a session that is no longer valid
     */
    async create(
      session: SessionProof,
      record: ApiKeyRecord,
      hash: string,
      maxKeys: number,
      response?: ResponseToStore,
    ): Promise<'ok' | 'limit_exceeded' | StoredResponse> {
      const { workspaceId } = session.ref;
      const { keyId, externalId, createdAt } = record;
      const owner = { workspaceId, externalId };
      const value = wholeValueOf(record);
      const reply = await change(session, record.apiId, apiNotFound, (checked) =>
        redis.run((client) =>
          client.createApiKey({
            keys: {
              ...sessionOf.keys(session),
              ...repeatable.keys(session.ref, response),
              apiKey: keys.apiKey(session.ref, hash),
              ...indexes(owner),
              ...prefixes(owner),
            },
            args: {
              ...sessionOf.args(session, checked),
              ...repeatable.args(response),
              ...quota.args,
              ...{ maxKeys, maxRecords, hash, place: placeOf(createdAt, keyId), value },
            },
          }),
        ),
      );
      const done = withRoom(accepted(reply));
      return done.outcome === 'repeated' ? storedResponseOf(done.record) : done.outcome;
    },

    /** The user's own key with this id, or undefined. */
    async find(owner: Owner, keyId: string): Promise<StoredApiKey | undefined> {
      const hash = await redis.run((client) => client.hGet(keys.userKeys(owner), keyId));
      if (hash === null) return undefined;
      const [value] = await valuesOf(owner, [hash]);
      if (typeof value !== 'string') return undefined;
      return { record: recordOf(value), hash, text: value.slice(lastUsedLength) };
    },

    /** The user's records with these key ids, without those that no longer exist. Two round trips. */
    async findMany(owner: Owner, keyIds: string[]): Promise<ApiKeyRecord[]> {
      if (keyIds.length === 0) return [];
      const found = await redis.run((client) => client.hmGet(keys.userKeys(owner), keyIds));
      const hashes = found.filter((hash) => hash !== null);
      if (hashes.length === 0) return [];
      const values = await valuesOf(owner, hashes);
      return values.filter((value) => value !== null).map((value) => recordOf(String(value)));
    },

    /**
     * One page of the user's keys that are wanted, newest first. Reads a bounded number of keys, so a page may be short
     * although more follow.
     */
    async list(
      owner: Owner,
      { limit, after }: { limit: number; after?: string },
      wanted: (record: ApiKeyRecord) => boolean,
    ): Promise<Page<ApiKeyRecord>> {
      const items: ApiKeyRecord[] = [];
      let place = after;
      const { userKeys: records, userKeyOrder: order } = mapAndOrder(owner);
      for (let lookedAt = 0, size = limit + 1; lookedAt < maxLookedAt; lookedAt += size, size = 250) {
        const entries = await readEntries(redis, { records, order }, place, size);
        if (entries.length === 0) return { items };
        const places = entries.map((entry) => entry.place);
        const hashes = entries.map((entry) => entry.record);
        const values = await valuesOf(owner, hashes);
        for (const [i, value] of values.entries()) {
          // A key that was removed in between is left out.
          const record = value === null ? undefined : recordOf(String(value));
          if (record !== undefined && wanted(record)) {
            // One more than the page has: the next page begins after the last one.
            if (items.length === limit) return place === undefined ? { items } : { items, next: place };
            items.push(record);
          }
          place = places[i] ?? place;
        }
        if (places.length < size) return { items };
      }
      return place === undefined ? { items } : { items, next: place };
    },

    /**
     * Writes a key again, or returns why not: it has changed since it was read, is gone, or would become active although its
     * user has `maxKeys` active keys in its API.
     *
     * @throws Problem limit_exceeded; of a session that is no longer valid
     */
    async replace(
      session: SessionProof,
      { record: before, hash, text }: StoredApiKey,
      after: ApiKeyRecord,
      maxKeys: number,
    ): Promise<'ok' | 'stale' | 'not_found' | 'limit_exceeded'> {
      const { keyId, externalId, createdAt } = before;
      const owner = { workspaceId: session.ref.workspaceId, externalId };
      const write = () =>
        change(session, before.apiId, keyNotFound, (checked) =>
          redis.run((client) =>
            client.replaceApiKey({
              keys: {
                ...sessionOf.keys(session),
                apiKey: keys.apiKey(session.ref, hash),
                ...indexes(owner),
                ...prefixes(owner),
                apiKeyRate: keys.apiKeyRate(session.ref, hash),
              },
              args: {
                ...sessionOf.args(session, checked),
                ...quota.args,
                ...{ textRead: text, text: textOf(after), place: placeOf(createdAt, keyId), maxKeys },
              },
            }),
          ),
        );
      const reply = await forwards.whileChanging(owner, hash, before, after, write, ({ outcome }) => outcome === 'ok');
      return quota.within(accepted(reply)).outcome;
    },

    /**
     * Removes a key and its usage. False if it does not exist.
     *
     * @throws Problem of a session that is no longer valid
     */
    async delete(session: SessionProof, { record, hash }: StoredApiKey): Promise<boolean> {
      const { workspaceId } = session.ref;
      const { keyId, externalId, createdAt } = record;
      const owner = { workspaceId, externalId };
      const reply = await change(session, record.apiId, keyNotFound, (checked) =>
        redis.run((client) =>
          client.deleteApiKey({
            keys: {
              ...sessionOf.keys(session),
              apiKey: keys.apiKey(session.ref, hash),
              ...indexes(owner),
              ...prefixes(owner),
            },
            args: { ...sessionOf.args(session, checked), place: placeOf(createdAt, keyId) },
          }),
        ),
      );
      const { outcome } = accepted(reply);
      await forwards.remove(owner, [hash]);
      return outcome === 'ok';
    },

    /** Removes all keys in the APIs of the workspace that were deleted, a few in each step. */
    async removeOfDeletedApis(workspaceId: string): Promise<void> {
      for (const apiId of await redis.run((client) => client.hKeys(keys.deletedApis(workspaceId)))) {
        for await (const name of redis.scan(keys.everyUserKeyExpiry(workspaceId, apiId), 'zset')) {
          await removeAll({ workspaceId, externalId: userOf(name) }, apiId);
        }
        await redis.run((client) => client.hDel(keys.deletedApis(workspaceId), apiId));
      }
    },

    /**
     * Writes the successor of a key and the end of the key, or returns why not. The key stays valid for `overlapMs`. A
     * repeated request writes nothing and gets its stored response.
     *
     * @throws Problem limit_exceeded; of a session that is no longer valid
     */
    async reroll(
      session: SessionProof,
      { record: old, hash: oldHash, text }: StoredApiKey,
      successor: ApiKeyRecord,
      hash: string,
      overlapMs: number,
      response?: ResponseToStore,
    ): Promise<'ok' | 'stale' | 'not_found' | 'retired' | StoredResponse> {
      const { workspaceId } = session.ref;
      const { keyId, createdAt } = successor;
      const owner = { workspaceId, externalId: old.externalId };
      const write = () =>
        change(session, old.apiId, keyNotFound, (checked) =>
          redis.run((client) =>
            client.rerollApiKey({
              keys: {
                ...sessionOf.keys(session),
                ...repeatable.keys(session.ref, response),
                oldApiKey: keys.apiKey(session.ref, oldHash),
                newApiKey: keys.apiKey(session.ref, hash),
                ...indexes(owner),
                ...prefixes(owner),
              },
              args: {
                ...sessionOf.args(session, checked),
                ...repeatable.args(response),
                ...quota.args,
                maxRecords,
                textRead: text,
                overlapMs,
                oldPlace: placeOf(old.createdAt, old.keyId),
                newKeyId: keyId,
                newHash: hash,
                newPlace: placeOf(createdAt, keyId),
                newCreatedAt: createdAt,
                newJson: jsonOf(successor),
              },
            }),
          ),
        );
      // By the clock of Redis: the hour is for the difference of the clocks.
      const ending = Date.now() + overlapMs + 3_600_000;
      const retired = { expires: Math.min(ending, old.expires ?? ending) };
      const reply = await forwards.whileChanging(
        owner,
        oldHash,
        old,
        retired,
        write,
        ({ outcome }) => outcome === 'ok',
      );
      const done = withRoom(accepted(reply));
      return done.outcome === 'repeated' ? storedResponseOf(done.record) : done.outcome;
    },
  };
}
