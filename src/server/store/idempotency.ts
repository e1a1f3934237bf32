import { type ControlStore, callerOf } from './control.ts';
import { keys } from './keys.ts';
import { limitReached, type Quota } from './limits.ts';
import type { Partition } from './partitions.ts';
import { accepted, type KeyProof, ofManager, type VerifiedRootKey } from './proof.ts';
import type { Redis } from './redis.ts';

/** How long a response is stored, in seconds. */
const responseTtlSeconds = 86_400;
/** How many responses are stored for one browser session. Those for a root key only count towards the quotas. */
const responsesPerSession = 1000;
/** How long a request counts as under way, in seconds: far longer than any takes, and short after a crash. */
const underWayTtlSeconds = 30;

/** The response to a request that succeeded: the digest of its body, and what only the caller can read. */
export interface StoredResponse {
  bodyHash: string;
  response: string;
}

/** What is stored about a request: that it is under way, or its response. */
export type Known = 'under_way' | StoredResponse;

/** A response that a script stores in the same step as its work. So no crash can come between the two. */
export interface ResponseToStore extends StoredResponse {
  /** The name of the record. */
  name: string;
  /** Whose request it is: the handle of a session, or the id of a root key. */
  callerId: string;
  /** Unix ms, by the clock of Redis; undefined for a day from the work on. */
  expiresAt?: number | undefined;
}

const underWay = (requestId: string) => `under_way\n${requestId}`;
const done = ({ bodyHash, response }: StoredResponse) => ['done', bodyHash, response].join('\n');

/** Parses a record. */
function knownOf(record: string): Known {
  const [state, bodyHash = '', response = ''] = record.split('\n');
  return state === 'done' ? { bodyHash, response } : 'under_way';
}

/** Parses the record of a script that stores its response itself. */
export function storedResponseOf(record: string): StoredResponse {
  const known = knownOf(record);
  if (known === 'under_way') throw new Error('a script stores its response in one step, so it is never under way');
  return known;
}

/** The part of a script's keys and arguments by which it does its work once, as scripts/snippets/repeatable.lua does. */
export const repeatable = {
  keys: (place: Partition, response: ResponseToStore | undefined) => ({
    sessionResponse: keys.sessionResponse(place, response?.name ?? 'none'),
    storedResponses: keys.storedResponses(place, response?.callerId ?? 'none'),
  }),
  args: (response: ResponseToStore | undefined) => ({
    responseRecord: response === undefined ? '' : done(response),
    responseExpiresAt: response?.expiresAt ?? 0,
    maxResponses: response?.callerId.startsWith('sess_') ? responsesPerSession : 0,
  }),
  /** The reply of such a script, without the refusal. @throws Problem limit_exceeded */
  within<Reply extends { outcome: string }>(reply: Reply): Exclude<Reply, { outcome: 'too_many_responses' }> {
    if (reply.outcome === 'too_many_responses')
      throw limitReached(`${responsesPerSession} idempotency keys per session`);
    return reply as Exclude<Reply, { outcome: 'too_many_responses' }>;
  },
};

export function idempotencyStore(redis: Redis, control: ControlStore, quota: Quota) {
  /** Replaces the marker of this request with the value, unless it has timed out. An empty value removes it. */
  const settle = ({ workspaceId }: VerifiedRootKey, name: string, requestId: string, value: string) =>
    redis.run((client) =>
      client.settleRequest({
        keys: { idempotency: keys.idempotency(workspaceId, name), quota: keys.quota(workspaceId) },
        args: { marker: underWay(requestId), value, ttlSeconds: responseTtlSeconds },
      }),
    );

  return {
    /**
     * The response that a script has stored for the caller under this name, in the partition of its work, or undefined.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async find(proof: KeyProof, place: Partition, name: string): Promise<StoredResponse | undefined> {
      const found = accepted(
        await control.run(
          place,
          callerOf.wanted(proof),
          (now) => callerOf.check(now, proof),
          (checked) => {
            const caller = callerOf.of(place, proof, checked);
            const sessionResponse = keys.sessionResponse(place, name);
            return redis.run((client) =>
              client.findResponse({ keys: { ...caller.keys, sessionResponse }, args: caller.args }),
            );
          },
        ),
      );
      return found.outcome === 'ok' ? storedResponseOf(found.record) : undefined;
    },

    /**
     * Marks a request of a root key as under way, unless something is stored about it already.
     *
     * @throws Problem limit_exceeded; of a root key that is no longer valid
     */
    async begin(rootKey: VerifiedRootKey, name: string, requestId: string): Promise<Known | undefined> {
      const { workspaceId, hash } = rootKey;
      const reply = accepted(
        await redis.run((client) =>
          client.beginRequest({
            keys: {
              quota: keys.quota(workspaceId),
              ...ofManager.keys(workspaceId),
              idempotency: keys.idempotency(workspaceId, name),
            },
            args: { ...quota.args, rootKeyHash: hash, marker: underWay(requestId), ttlSeconds: underWayTtlSeconds },
          }),
        ),
      );
      const begun = quota.within(reply);
      return begun.outcome === 'ok' ? undefined : knownOf(begun.record);
    },

    /** Stores the response for a day. The work is done, so it does so even if the root key was revoked in the meantime. */
    async finish(rootKey: VerifiedRootKey, name: string, requestId: string, response: StoredResponse): Promise<void> {
      await settle(rootKey, name, requestId, done(response));
    },

    /** Removes the marker of a request that failed. */
    async release(rootKey: VerifiedRootKey, name: string, requestId: string): Promise<void> {
      await settle(rootKey, name, requestId, '');
    },
  };
}
