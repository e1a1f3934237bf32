import { type ApiKeyRecord, jsonOf, recordOf, type StoredApiKey, textOf } from './api-key-record.ts';
import { type ResponseToStore, repeatable, type StoredResponse, storedResponseOf } from './idempotency.ts';
import { keys, userOf } from './keys.ts';
import { limitReached, type Quota, type StoreLimits } from './limits.ts';
import { type Page, placeOf, readEntries } from './page.ts';
import { accepted, ofSession, type SessionProof } from './proof.ts';
import type { Redis } from './redis.ts';
import { lastUsedLength } from './scripts/keys.ts';

/** One user of one workspace. */
export interface Owner {
  workspaceId: string;
  externalId: string;
}

/** How many keys one page of a list looks at, at most: the cost of a page does not grow with the number of keys. */
const maxLookedAt = 1000;

/** How many keys one step removes. */
const removedAtOnce = 50;

export function apiKeyStore(redis: Redis, quota: Quota, { keysPerUser: maxRecords }: StoreLimits) {
  const mapAndOrder = ({ workspaceId, externalId }: Owner) => ({
    userKeys: keys.userKeys(workspaceId, externalId),
    userKeyOrder: keys.userKeyOrder(workspaceId, externalId),
  });
  /** What every script that changes keys of a user takes. */
  const indexes = (owner: Owner) => ({
    ...mapAndOrder(owner),
    userKeyEnds: keys.userKeyEnds(owner.workspaceId, owner.externalId),
    userKeyExpiries: keys.userKeyExpiry(owner.workspaceId, owner.externalId, ''),
    quota: keys.quota(owner.workspaceId),
    userQuota: keys.userQuota(owner.workspaceId, owner.externalId),
  });
  /** What a script needs besides to remove keys of a user. */
  const prefixes = ({ workspaceId, externalId }: Owner) => ({
    apiKeys: keys.apiKey(workspaceId, ''),
    apiKeyRates: keys.apiKeyRate(workspaceId, ''),
    usageLog: keys.usageLog(workspaceId, externalId),
    usageDays: keys.usageDay(workspaceId, externalId),
    usageTops: keys.usageTop(workspaceId, externalId),
  });
  /** @throws Problem limit_exceeded if there is no room for a new record */
  const withRoom = <Reply extends { outcome: string }>(reply: Reply) => {
    if (reply.outcome === 'no_room') throw limitReached(`${maxRecords} keys per user, with those that have ended`);
    return repeatable.within(quota.within(reply)) as Exclude<
      Reply,
      { outcome: 'no_room' | 'quota_exceeded' | 'user_quota_exceeded' | 'too_many_responses' }
    >;
  };

  const valuesOf = (workspaceId: string, hashes: string[]) =>
    redis.run((client) => client.mGet(hashes.map((hash) => keys.apiKey(workspaceId, hash))));

  /** Removes all keys of a user in an API. */
  async function removeAll(owner: Owner, apiId: string): Promise<void> {
    const ends = keys.userKeyEnds(owner.workspaceId, owner.externalId);
    const all = await redis.run((client) => client.zRange(ends, 0, -1));
    const own = all.filter((entry) => entry.endsWith(` ${apiId}`));
    for (let i = 0; i < own.length; i += removedAtOnce) {
      const args = { apiId, entries: own.slice(i, i + removedAtOnce) };
      const deletedApis = keys.deletedApis(owner.workspaceId);
      await redis.run((client) =>
        client.removeApiKeys({ keys: { ...indexes(owner), ...prefixes(owner), deletedApis }, args }),
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
    ): Promise<'ok' | 'api_not_found' | 'limit_exceeded' | StoredResponse> {
      const { workspaceId } = session.ref;
      const { keyId, externalId, createdAt } = record;
      const owner = { workspaceId, externalId };
      const value = `${'0'.repeat(lastUsedLength - 1)} ${textOf(record)}`;
      const reply = await redis.run((client) =>
        client.createApiKey({
          keys: {
            ...ofSession.keys(session),
            ...repeatable.keys(workspaceId, response),
            apiKey: keys.apiKey(workspaceId, hash),
            ...indexes(owner),
            ...prefixes(owner),
            apis: keys.apis(workspaceId),
          },
          args: {
            ...ofSession.args(session),
            ...repeatable.args(response),
            ...quota.args,
            ...{ maxKeys, maxRecords, hash, place: placeOf(createdAt, keyId), value },
          },
        }),
      );
      const done = withRoom(accepted(reply));
      return done.outcome === 'repeated' ? storedResponseOf(done.record) : done.outcome;
    },

    /** The user's own key with this id, or undefined. */
    async find(owner: Owner, keyId: string): Promise<StoredApiKey | undefined> {
      const { workspaceId, externalId } = owner;
      const hash = await redis.run((client) => client.hGet(keys.userKeys(workspaceId, externalId), keyId));
      if (hash === null) return undefined;
      const [value] = await valuesOf(workspaceId, [hash]);
      if (typeof value !== 'string') return undefined;
      return { record: recordOf(value), hash, text: value.slice(lastUsedLength) };
    },

    /** The user's records with these key ids, without those that no longer exist. Two round trips. */
    async findMany({ workspaceId, externalId }: Owner, keyIds: string[]): Promise<ApiKeyRecord[]> {
      if (keyIds.length === 0) return [];
      const found = await redis.run((client) => client.hmGet(keys.userKeys(workspaceId, externalId), keyIds));
      const hashes = found.filter((hash) => hash !== null);
      if (hashes.length === 0) return [];
      const values = await valuesOf(workspaceId, hashes);
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
        const values = await valuesOf(owner.workspaceId, hashes);
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
      const { workspaceId } = session.ref;
      const { keyId, externalId, createdAt } = before;
      const reply = await redis.run((client) =>
        client.replaceApiKey({
          keys: {
            ...ofSession.keys(session),
            apiKey: keys.apiKey(workspaceId, hash),
            ...indexes({ workspaceId, externalId }),
            ...prefixes({ workspaceId, externalId }),
            apiKeyRate: keys.apiKeyRate(workspaceId, hash),
          },
          args: {
            ...ofSession.args(session),
            ...quota.args,
            ...{ textRead: text, text: textOf(after), place: placeOf(createdAt, keyId), maxKeys },
          },
        }),
      );
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
      const reply = await redis.run((client) =>
        client.deleteApiKey({
          keys: {
            ...ofSession.keys(session),
            apiKey: keys.apiKey(workspaceId, hash),
            ...indexes(owner),
            ...prefixes(owner),
          },
          args: { ...ofSession.args(session), place: placeOf(createdAt, keyId) },
        }),
      );
      return accepted(reply).outcome === 'ok';
    },

    /** Removes all keys in the APIs of the workspace that were deleted, a few in each step. */
    async removeOfDeletedApis(workspaceId: string): Promise<void> {
      for (const apiId of await redis.run((client) => client.hKeys(keys.deletedApis(workspaceId)))) {
        for await (const name of redis.scan(keys.everyUserKeyExpiry(workspaceId, apiId), 'zset'))
          await removeAll({ workspaceId, externalId: userOf(name) }, apiId);
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
      const reply = await redis.run((client) =>
        client.rerollApiKey({
          keys: {
            ...ofSession.keys(session),
            ...repeatable.keys(workspaceId, response),
            oldApiKey: keys.apiKey(workspaceId, oldHash),
            newApiKey: keys.apiKey(workspaceId, hash),
            ...indexes(owner),
            ...prefixes(owner),
          },
          args: {
            ...ofSession.args(session),
            ...repeatable.args(response),
            ...quota.args,
            maxRecords,
            textRead: text,
            overlapMs,
            oldPlace: placeOf(old.createdAt, old.keyId),
            newKeyId: keyId,
            newHash: hash,
            newPlace: placeOf(createdAt, keyId),
            newJson: jsonOf(successor),
          },
        }),
      );
      const done = withRoom(accepted(reply));
      return done.outcome === 'repeated' ? storedResponseOf(done.record) : done.outcome;
    },
  };
}
