import { Problem } from '../problem.ts';
import { apiKeyReader } from './api-key-reader.ts';
import { type ApiKeyRecord, jsonOf, recordOf, type StoredApiKey, textOf, wholeValueOf } from './api-key-record.ts';
import type { AuditArgs, AuditLog, Change } from './audit.ts';
import { type CallerParts, type Control, type ControlStore, callerOf, requireEntry } from './control.ts';
import { forwardsOf } from './forwards.ts';
import { type ResponseToStore, repeatable, type StoredResponse, storedResponseOf } from './idempotency.ts';
import { identityOf, whileNotErased } from './identities.ts';
import { keys, userOf } from './keys.ts';
import { limitReached, type Quota, type StoreLimits } from './limits.ts';
import { placeOf } from './page.ts';
import { type Owner, type Partition, partitionOf, partitionsOf } from './partitions.ts';
import { accepted, type KeyProof } from './proof.ts';
import type { Commands } from './redis/client.ts';
import { type Redis, StoreUnavailable } from './redis.ts';

export type { Owner };

const apiNotFound = () => new Problem('unkey/data/api_not_found');
const keyNotFound = () => new Problem('unkey/data/key_not_found');

/** How many keys one step removes. */
const removedAtOnce = 50;
/** How many keys one step removes from lists. */
const forgottenAtOnce = 100;

const workspaceOf = (proof: KeyProof): string => ('ref' in proof ? proof.ref : proof).workspaceId;

export const indexes = (owner: Owner) => ({
  keyIds: keys.keyId(partitionOf(owner), ''),
  apiKeyOrders: keys.apiKeyOrder(partitionOf(owner), ''),
  keyEnds: keys.keyEnds(partitionOf(owner)),
  userKeyOrder: keys.userKeyOrder(owner),
  userKeyEnds: keys.userKeyEnds(owner),
  scopeCounts: keys.scopeCounts(partitionOf(owner), ''),
  scopeEnds: keys.scopeEnds(partitionOf(owner), ''),
  userKeyExpiries: keys.userKeyExpiry(owner, ''),
  quota: keys.partitionQuota(partitionOf(owner)),
  userQuota: keys.userQuota(owner),
});
/** What a script needs besides to remove keys of a user. */
export const prefixes = (owner: Owner) => ({
  apiKeys: keys.apiKey(partitionOf(owner), ''),
  apiKeyRates: keys.apiKeyRate(partitionOf(owner), ''),
  usageLog: keys.usageLog(owner),
  usageDays: keys.usageDay(owner),
  usageTops: keys.usageTop(owner),
});

export function apiKeyStore(
  redis: Redis,
  audit: AuditLog,
  control: ControlStore,
  quota: Quota,
  { keysPerUser: maxRecords }: StoreLimits,
) {
  const forwards = forwardsOf(redis);
  const reader = apiKeyReader(redis);
  /** The indexes of the keys of a user. */
  /** @throws Problem limit_exceeded if there is no room for a new record */
  const withRoom = <Reply extends { outcome: string }>(reply: Reply) => {
    if (reply.outcome === 'no_room') throw limitReached(`${maxRecords} keys per user, with those that have ended`);
    return repeatable.within(quota.within(reply)) as Exclude<
      Reply,
      { outcome: 'no_room' | 'quota_exceeded' | 'user_quota_exceeded' | 'too_many_responses' }
    >;
  };

  /** What every script takes that changes keys of a user for a caller. */
  const commonOf = (owner: Owner, caller: CallerParts, auditArgs: AuditArgs, logKey: { audit: string }) => ({
    keys: { ...caller.keys, ...logKey, ...indexes(owner), ...prefixes(owner) },
    args: { ...caller.args, ...auditArgs },
  });

  /**
   * Runs a script that changes a key of a user, with its audit entry, while the caller is valid and the API of the key exists. For a user
   * in a session, their portal must have the API.
   *
   * @throws Problem of a caller that is no longer valid; `missing` without the API
   */
  async function change<Reply extends { outcome: string }>(
    { proof, entry }: Change<KeyProof>,
    { externalId, apiId }: Pick<ApiKeyRecord, 'externalId' | 'apiId'>,
    missing: () => Problem,
    step: (client: Commands, common: ReturnType<typeof commonOf>) => Promise<Reply>,
  ) {
    const owner = { workspaceId: workspaceOf(proof), externalId };
    const place = partitionOf(owner);
    const isHidden = (now: Control) => 'ref' in proof && !requireEntry(now, proof).apiIds.includes(apiId);
    const reply = await control.run(
      place,
      { ...callerOf.wanted(proof), apiId },
      (now) => {
        callerOf.check(now, proof);
        if (isHidden(now) || now.api === undefined) throw missing();
      },
      (checked) =>
        audit.write(keys.sessionAudit(place), entry, (auditArgs, logKey) => {
          const common = commonOf(owner, callerOf.of(place, proof, checked), auditArgs, logKey);
          return redis.run((client) => step(client, common));
        }),
    );
    return accepted(reply);
  }

  /**
   * Writes a new key, with its entries in all indexes, and the record of a user who has none.
   *
   * @throws Problem limit_exceeded, api_not_found, identity_deletion_in_progress; of a caller that is no longer valid
   */
  async function write(
    by: Change<KeyProof>,
    record: ApiKeyRecord,
    hash: string,
    maxKeys: number,
    response?: ResponseToStore,
  ) {
    const { keyId, externalId, createdAt } = record;
    const owner = { workspaceId: workspaceOf(by.proof), externalId };
    const place = partitionOf(owner);
    const names = { ...repeatable.keys(place, response), apiKey: keys.apiKey(place, hash) };
    const own = { maxKeys, maxRecords, place: placeOf(createdAt, keyId), value: wholeValueOf(record) };
    const reply = await change(by, record, apiNotFound, (client, common) =>
      client.createApiKey({
        keys: { ...common.keys, ...names, ...identityOf.keys(owner) },
        args: {
          ...common.args,
          ...repeatable.args(response),
          ...quota.args,
          ...own,
          ...identityOf.args(owner, createdAt),
        },
      }),
    );
    return whileNotErased(withRoom(reply));
  }

  /** Removes all keys of a user in an API. */
  async function removeAll(owner: Owner, apiId: string): Promise<void> {
    const place = partitionOf(owner);
    const all = await redis.run((client) => client.zRange(keys.userKeyEnds(owner), 0, -1));
    const own = all.filter((entry) => entry.endsWith(` ${apiId}`));
    for (let i = 0; i < own.length; i += removedAtOnce) {
      const entries = own.slice(i, i + removedAtOnce);
      const ids = entries.map((entry) => entry.slice(entry.indexOf(':') + 1, entry.indexOf(' ')));
      const found = await redis.run((client) => client.mGet(ids.map((id) => keys.keyId(place, id))));
      const hashes = found.filter((hash) => hash !== null);
      const step = { keys: { ...indexes(owner), ...prefixes(owner) }, args: { apiId, entries } };
      const remove = () => redis.run((client) => client.removeApiKeys(step));
      await forwards.whileRemoving(owner, hashes, remove, () => true);
    }
  }

  return {
    ...reader,

    /**
     * Writes a new key, or returns why not. A repeated request writes nothing and gets its stored response.
     *
     * @param maxKeys how many active keys its user can have in its API
     * @param response what to store for repeated requests
     * @throws Problem limit_exceeded, api_not_found; of a caller that is no longer valid
     */
    async create(
      by: Change<KeyProof>,
      record: ApiKeyRecord,
      hash: string,
      maxKeys: number,
      response?: ResponseToStore,
    ): Promise<'ok' | 'limit_exceeded' | StoredResponse> {
      const reply = await write(by, record, hash, maxKeys, response);
      if (reply.outcome === 'exists') throw new Error('two keys have the same hash');
      return reply.outcome === 'repeated' ? storedResponseOf(reply.record) : reply.outcome;
    },

    /**
     * Writes a key that was made elsewhere, or returns why not: it exists, or its hash is of a key of another user. It can be repeated, and
     * it can stop anywhere: a repetition completes it.
     *
     * @param maxKeys how many active keys its user can have in its API
     * @throws Problem limit_exceeded, api_not_found; of a caller that is no longer valid
     */
    async import(
      by: Change<KeyProof>,
      record: ApiKeyRecord,
      hash: string,
      maxKeys: number,
    ): Promise<'ok' | 'limit_exceeded' | 'taken' | { existing: ApiKeyRecord }> {
      const owner = { workspaceId: workspaceOf(by.proof), externalId: record.externalId };
      const claim = await forwards.claim(owner, hash, record, (place, step) =>
        control.run(place, callerOf.wanted(by.proof), (now) => callerOf.check(now, by.proof), step),
      );
      if (claim.outcome === 'taken') return claim.outcome;
      try {
        const reply = await write(by, record, hash, maxKeys);
        if (reply.outcome === 'ok') return reply.outcome;
        if (reply.outcome !== 'exists') {
          await claim.release();
          return reply.outcome === 'limit_exceeded' ? reply.outcome : 'taken';
        }
        // A forward: the record is of a user in another partition.
        if (reply.value.startsWith('>')) return 'taken';
        const existing = recordOf(reply.value);
        await forwards.keepFor(owner, hash, existing);
        return existing.externalId === record.externalId ? { existing } : 'taken';
      } catch (error) {
        // A refusal has written nothing. After any other failure, nobody knows.
        const isRefusal = error instanceof Problem && !(error instanceof StoreUnavailable);
        if (isRefusal) await claim.release().catch(() => {});
        throw error;
      }
    },

    /**
     * Writes a key again, or returns why not: it has changed since it was read, is gone, or would become active although its
     * user has `maxKeys` active keys in its API.
     *
     * @throws Problem limit_exceeded; of a caller that is no longer valid
     */
    async replace(
      by: Change<KeyProof>,
      { record: before, hash, text }: StoredApiKey,
      after: ApiKeyRecord,
      maxKeys: number,
    ): Promise<'ok' | 'stale' | 'not_found' | 'limit_exceeded'> {
      const { keyId, externalId, createdAt } = before;
      const owner = { workspaceId: workspaceOf(by.proof), externalId };
      const place = partitionOf(owner);
      const names = { apiKey: keys.apiKey(place, hash), apiKeyRate: keys.apiKeyRate(place, hash) };
      const own = { textRead: text, text: textOf(after), place: placeOf(createdAt, keyId), maxKeys };
      const replace = () =>
        change(by, before, keyNotFound, (client, common) =>
          client.replaceApiKey({
            keys: { ...common.keys, ...names },
            args: { ...common.args, ...quota.args, ...own },
          }),
        );
      const reply = await forwards.whileChanging(
        owner,
        hash,
        before,
        after,
        replace,
        ({ outcome }) => outcome === 'ok',
      );
      return quota.within(reply).outcome;
    },

    /**
     * Removes a key and its usage, unless it has changed since it was read or does not exist.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async delete(by: Change<KeyProof>, { record, hash, text }: StoredApiKey): Promise<'ok' | 'stale' | 'not_found'> {
      const owner = { workspaceId: workspaceOf(by.proof), externalId: record.externalId };
      const apiKey = keys.apiKey(partitionOf(owner), hash);
      const own = { textRead: text, place: placeOf(record.createdAt, record.keyId) };
      const remove = () =>
        change(by, record, keyNotFound, (client, common) =>
          client.deleteApiKey({ keys: { ...common.keys, apiKey }, args: { ...common.args, ...own } }),
        );
      const reply = await forwards.whileRemoving(owner, [hash], remove, ({ outcome }) => outcome !== 'stale');
      return reply.outcome;
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

    /** Removes keys whose records Redis has removed from the lists of all partitions of a workspace, a few in each step. */
    async forgetGone(workspaceId: string): Promise<void> {
      const forgetIn = async (place: Partition) => {
        const names = { keyEnds: keys.keyEnds(place), apiKeyOrders: keys.apiKeyOrder(place, '') };
        for (let found = forgottenAtOnce; found === forgottenAtOnce; ) {
          const step = { keys: names, args: { many: forgottenAtOnce } };
          found = (await redis.run((client) => client.forgetKeys(step))).found;
        }
      };
      await Promise.all(partitionsOf(workspaceId).map(forgetIn));
    },

    /**
     * Writes the successor of a key and the end of the key, or returns why not. The key stays valid for `overlapMs`. A
     * repeated request writes nothing and gets its stored response.
     *
     * @throws Problem limit_exceeded; of a caller that is no longer valid
     */
    async reroll(
      by: Change<KeyProof>,
      { record: old, hash: oldHash, text }: StoredApiKey,
      successor: ApiKeyRecord,
      hash: string,
      overlapMs: number,
      response?: ResponseToStore,
    ): Promise<'ok' | 'stale' | 'not_found' | 'retired' | StoredResponse> {
      const { keyId, createdAt } = successor;
      const owner = { workspaceId: workspaceOf(by.proof), externalId: old.externalId };
      const place = partitionOf(owner);
      const names = {
        ...repeatable.keys(place, response),
        oldApiKey: keys.apiKey(place, oldHash),
        newApiKey: keys.apiKey(place, hash),
      };
      const own = {
        ...{
          maxRecords,
          textRead: text,
          overlapMs,
          newKeyId: keyId,
          newCreatedAt: createdAt,
          oldJson: jsonOf({ ...old, replacedBy: keyId }),
          newJson: jsonOf(successor),
        },
        ...{ oldPlace: placeOf(old.createdAt, old.keyId), newPlace: placeOf(createdAt, keyId) },
      };
      const reroll = () =>
        change(by, old, keyNotFound, (client, common) =>
          client.rerollApiKey({
            keys: { ...common.keys, ...names },
            args: { ...common.args, ...repeatable.args(response), ...quota.args, ...own },
          }),
        );
      // By the clock of Redis: the hour is for the difference of the clocks.
      const ending = Date.now() + overlapMs + 3_600_000;
      const retired = { expires: Math.min(ending, old.expires ?? ending) };
      const done = ({ outcome }: { outcome: string }) => outcome === 'ok';
      const reply = withRoom(await forwards.whileChanging(owner, oldHash, old, retired, reroll, done));
      return reply.outcome === 'repeated' ? storedResponseOf(reply.record) : reply.outcome;
    },
  };
}
