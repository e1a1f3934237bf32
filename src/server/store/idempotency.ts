import { keys } from './keys.ts';
import type { Redis } from './redis.ts';

/** How long a response is stored, in seconds. */
const answerTtlSeconds = 86_400;
/** How long a request counts as under way, in seconds: far longer than any takes, and short after a crash. */
const underWayTtlSeconds = 30;

/** What is stored about a request: that it is under way, or a digest of its body and its sealed response. */
export type Known = 'under_way' | { bodyHash: string; answer: string };

const underWay = (requestId: string) => `under_way\n${requestId}`;

export function idempotencyStore(redis: Redis) {
  /** Replaces the marker of this request with the value, unless it has timed out. An empty value removes it. */
  const settle = (workspaceId: string, name: string, requestId: string, value: string) =>
    redis.run((client) =>
      client.settleRequest({
        keys: { idempotency: keys.idempotency(workspaceId, name) },
        args: { marker: underWay(requestId), value, ttlSeconds: answerTtlSeconds },
      }),
    );

  return {
    /** Marks a request as under way, unless something is stored about it already. */
    async begin(workspaceId: string, name: string, requestId: string): Promise<Known | undefined> {
      const options = { condition: 'NX', GET: true, expiration: { type: 'EX', value: underWayTtlSeconds } } as const;
      const found = await redis.run((client) =>
        client.set(keys.idempotency(workspaceId, name), underWay(requestId), options),
      );
      if (found === null) return undefined;
      const [state, bodyHash = '', answer = ''] = found.split('\n');
      return state === 'done' ? { bodyHash, answer } : 'under_way';
    },

    /** Stores the response for a day. */
    async finish(
      workspaceId: string,
      name: string,
      requestId: string,
      { bodyHash, answer }: { bodyHash: string; answer: string },
    ): Promise<void> {
      await settle(workspaceId, name, requestId, ['done', bodyHash, answer].join('\n'));
    },

    /** Removes the marker of a request that failed. */
    async release(workspaceId: string, name: string, requestId: string): Promise<void> {
      await settle(workspaceId, name, requestId, '');
    },
  };
}
