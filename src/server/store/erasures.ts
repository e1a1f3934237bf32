/**
 * The erasure of a user. Each step can be repeated, by any process, until it finds nothing more to do:
 *
 * 1. `begin` verifies the caller at home, and records there that the user is to be erased, with an audit entry.
 * 2. `mark` replaces the record of the user: from now on, nothing is created for them.
 * 3. `removeSessions`, then `removeKeys`: nobody acts as the user, and nothing counts for them. `removeUsage`.
 * 4. `redact` writes the logs again without the user. Entries of a stream cannot be changed, so it copies the log, some entries in each
 *    step, and replaces it with the copy in a last step, which carries over what was added meanwhile.
 * 5. `finish` removes the record of the user if nothing else is left, and `forget` that of the erasure.
 *
 * A kill at any point leaves the record at home, by which another process finds the erasure. The steps in the partition do nothing if
 * the user is no longer being erased as this identity.
 */
import { indexes, prefixes } from './api-keys.ts';
import type { Change } from './audit.ts';
import { forwardsOf } from './forwards.ts';
import type { Home } from './home.ts';
import { keys } from './keys.ts';
import { type Owner, type Partition, partitionOf } from './partitions.ts';
import type { Manager } from './proof.ts';
import type { Redis } from './redis.ts';

/** A user who is being erased. */
export interface Erasure extends Owner {
  identityId: string;
  /** When it began, in Unix ms. */
  since: number;
}

/** A log with what its redaction needs. */
interface Log {
  name: string;
  /** What proves that the user is being erased: all erasures at home, or the record of the user. */
  erasing: string;
  isHome: boolean;
}

/** How many keys, and how many entries of a log, one step takes. */
const keysAtOnce = 20;
const entriesAtOnce = 200;

/** The user as part of a key name. */
const userPart = (externalId: string) => Buffer.from(externalId).toString('base64url');

/** How entries name a user. */
const markOf = (externalId: string) => `"externalId":${JSON.stringify(externalId)}`;

export function erasureStore(redis: Redis, home: Home) {
  const forwards = forwardsOf(redis);
  const guard = (erasure: Erasure) => ({ identity: keys.identity(erasure) });

  /** Removes some of the user's keys. Returns whether there were any. */
  async function removeSomeKeys(erasure: Erasure, place: Partition): Promise<boolean> {
    const ends = keys.userKeyEnds(erasure);
    const entries = await redis.run((client) => client.zRange(ends, 0, keysAtOnce - 1));
    if (entries.length === 0) return false;
    const ids = entries.map((entry) => entry.slice(entry.indexOf(':') + 1, entry.indexOf(' ')));
    const found = await redis.run((client) => client.mGet(ids.map((id) => keys.keyId(place, id))));
    const hashes = found.filter((hash) => hash !== null);
    const own = {
      ...guard(erasure),
      ...indexes(erasure),
      ...prefixes(erasure),
    };
    const args = { identityId: erasure.identityId, entries };
    const erase = () => redis.run((client) => client.eraseKeys({ keys: own, args }));
    const isDone = ({ outcome }: { outcome: string }) => outcome === 'ok';
    return isDone(await forwards.whileRemoving(erasure, hashes, erase, isDone));
  }

  /** Whether a log names the user. */
  async function names({ name }: Log, { externalId }: Erasure): Promise<boolean> {
    const mark = markOf(externalId);
    for (let after = '-'; ; ) {
      const from = after;
      const found = (await redis.run((client) => client.xRange(name, from, '+', { COUNT: entriesAtOnce }))) ?? [];
      if (found.some(({ message }) => message['entry']?.includes(mark))) return true;
      const last = found.at(-1);
      if (last === undefined || found.length < entriesAtOnce) return false;
      after = `(${last.id}`;
    }
  }

  /**
   * Does one step of the redaction of a log: copies some entries, or swaps the logs.
   *
   * @returns done; more; or another user who is being removed from this log, and comes first
   */
  async function redactStep(
    { name, erasing, isHome }: Log,
    { workspaceId, identityId, externalId }: Erasure,
    redacted: (entry: string) => string,
  ): Promise<'done' | 'more' | Erasure> {
    const own = { erasing, redaction: keys.redaction(name), redacted: keys.redactedLog(name) };
    const args = { identityId, isHome: isHome ? '1' : '' };
    const begun = await redis.run((client) => client.beginRedaction({ keys: own, args }));
    if (begun.outcome === 'gone') return 'done';
    if (begun.outcome === 'busy') {
      const other = (await list(workspaceId)).find((one) => one.identityId === begun.other);
      // A failover has lost the record of the other erasure. Another process that begins meanwhile does so again.
      if (other === undefined) await redis.run((client) => client.del([own.redaction, own.redacted]));
      return other ?? 'more';
    }
    const after = begun.copied;
    const found = (await redis.run((client) => client.xRange(name, `(${after}`, '+', { COUNT: entriesAtOnce }))) ?? [];
    if (found.length > 0) {
      const idsAndEntries = found.flatMap(({ id, message }) => [id, redacted(message['entry'] ?? '{}')]);
      await redis.run((client) => client.copyEntries({ keys: own, args: { ...args, after, idsAndEntries } }));
      if (found.length === entriesAtOnce) return 'more';
    }
    const swapped = await redis.run((client) =>
      client.swapLogs({ keys: { ...own, log: name }, args: { ...args, mark: markOf(externalId) } }),
    );
    return swapped.outcome === 'ok' || swapped.outcome === 'gone' ? 'done' : 'more';
  }

  /** The erasures that are not complete. */
  async function list(workspaceId: string): Promise<Erasure[]> {
    const found = await redis.run((client) => client.hGetAll(keys.erasures(workspaceId)));
    return Object.entries(found).map(([identityId, text]) => ({ ...JSON.parse(text), workspaceId, identityId }));
  }

  return {
    /**
     * Records that a user is to be erased, unless it is recorded already.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async begin({ workspaceId, identityId, externalId, since }: Erasure, change: Change<Manager>): Promise<void> {
      await home.add(workspaceId, change, (client, common) =>
        client.beginErasure({
          keys: { ...common.keys, erasures: keys.erasures(workspaceId) },
          args: { ...common.args, identityId, erasure: JSON.stringify({ externalId, since }) },
        }),
      );
    },

    list,

    /** Replaces the record of the user. False if the user is gone, or is another one by now. */
    async mark(erasure: Erasure): Promise<boolean> {
      const own = { ...guard(erasure), identityPolicy: keys.identityPolicy(erasure) };
      const quota = keys.partitionQuota(partitionOf(erasure));
      const { identityId } = erasure;
      const reply = await redis.run((client) => client.markErased({ keys: { ...own, quota }, args: { identityId } }));
      return reply.outcome === 'ok';
    },

    /** Removes the sessions, pending and active, with their stored responses. */
    async removeSessions(erasure: Erasure): Promise<void> {
      const place = partitionOf(erasure);
      const own = {
        ...guard(erasure),
        userSessions: keys.userSessions(erasure),
        sessions: keys.session(place, ''),
        sessionCalls: keys.sessionCalls(place, ''),
        storedResponses: keys.storedResponses(place, ''),
        sessionResponses: keys.sessionResponse(place, ''),
        portalSessions: keys.everyPortalSessions(place),
        quota: keys.partitionQuota(place),
      };
      const { identityId } = erasure;
      const step = () => redis.run((client) => client.eraseSessions({ keys: own, args: { identityId } }));
      for (let more = true; more; ) more = (await step()).outcome === 'more';
    },

    /** Removes the keys, with their forwards. */
    async removeKeys(erasure: Erasure): Promise<void> {
      const place = partitionOf(erasure);
      for (let more = true; more; ) more = await removeSomeKeys(erasure, place);
    },

    /** Removes the usage, and what was used of limits. */
    async removeUsage(erasure: Erasure): Promise<void> {
      const place = partitionOf(erasure);
      const own = {
        ...guard(erasure),
        usageLog: keys.usageLog(erasure),
        usageApis: keys.usageApis(erasure),
        usageWork: keys.usageWork(place),
        usageDays: keys.usageDay(erasure),
        usageTops: keys.usageTop(erasure),
        userRates: keys.userRates(place),
        quotaUses: keys.quotaUses(place),
      };
      const args = { identityId: erasure.identityId, user: userPart(erasure.externalId) };
      const step = () => redis.run((client) => client.eraseUsage({ keys: own, args }));
      for (let more = true; more; ) more = (await step()).outcome === 'more';
    },

    /**
     * Removes the user from the audit logs of their partition and of the control data: that of 0.1.0 has entries of users.
     *
     * @param redacted an entry as JSON, without the user
     * @param first completes another erasure, which has begun to write the log again
     */
    async redact(
      erasure: Erasure,
      redacted: (entry: string) => string,
      first: (other: Erasure) => Promise<void>,
    ): Promise<void> {
      const { workspaceId, identityId } = erasure;
      const logs: Log[] = [
        { name: keys.sessionAudit(partitionOf(erasure)), erasing: keys.identity(erasure), isHome: false },
        { name: keys.audit(workspaceId), erasing: keys.erasures(workspaceId), isHome: true },
      ];
      for (const log of logs) {
        const begun = await redis.run((client) => client.get(keys.redaction(log.name)));
        if (begun !== identityId && !(await names(log, erasure))) continue;
        for (let step: Awaited<ReturnType<typeof redactStep>> = 'more'; step !== 'done'; ) {
          step = await redactStep(log, erasure, redacted);
          if (typeof step === 'object') await first(step);
        }
      }
    },

    /** Removes the record of the user. False if something else of them is left. */
    async finish(erasure: Erasure): Promise<boolean> {
      const { identityId, externalId } = erasure;
      const reply = await redis.run((client) =>
        client.finishErasure({
          keys: {
            ...guard(erasure),
            identities: keys.identities(partitionOf(erasure)),
            userSessions: keys.userSessions(erasure),
            userKeyEnds: keys.userKeyEnds(erasure),
            userKeyOrder: keys.userKeyOrder(erasure),
            usageLog: keys.usageLog(erasure),
            usageApis: keys.usageApis(erasure),
            userQuota: keys.userQuota(erasure),
          },
          args: { identityId, externalId },
        }),
      );
      return reply.outcome !== 'more';
    },

    /** Removes the record of the erasure. */
    async forget({ workspaceId, identityId }: Erasure): Promise<void> {
      await redis.run((client) => client.hDel(keys.erasures(workspaceId), identityId));
    },
  };
}
