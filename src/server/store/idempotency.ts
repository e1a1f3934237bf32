import { type ControlStore, requireEntry, sessionOf } from './control.ts';
import { keys } from './keys.ts';
import { limitReached, type Quota } from './limits.ts';
import type { Partition } from './partitions.ts';
import { accepted, ofManager, type SessionProof, type VerifiedRootKey } from './proof.ts';
import type { Redis } from './redis.ts';
import { maxResponses } from './scripts/idempotency.ts';

/** How long a response is stored, in seconds. */
const responseTtlSeconds = 86_400;
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
  /** Whose request it is. */
  callerId: string;
  /** Unix ms. */
  expiresAt: number;
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
  }),
  /** The reply of such a script, without the refusal. @throws Problem limit_exceeded */
  within<Reply extends { outcome: string }>(reply: Reply): Exclude<Reply, { outcome: 'too_many_responses' }> {
    if (reply.outcome === 'too_many_responses') throw limitReached(`${maxResponses} idempotency keys per session`);
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
     * The response that a script has stored for the session under this name, or undefined.
     *
     * @throws Problem of a session that is no longer valid
     */
    async find(session: SessionProof, name: string): Promise<StoredResponse | undefined> {
      const found = accepted(
        await control.run(
          session.ref,
          { portalId: session.portalId },
          (now) => requireEntry(now, session),
          (checked) =>
            redis.run((client) =>
              client.findResponse({
                keys: { ...sessionOf.keys(session), sessionResponse: keys.sessionResponse(session.ref, name) },
                args: sessionOf.args(session, checked),
              }),
            ),
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
