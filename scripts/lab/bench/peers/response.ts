/**
 * The work of every server of the benchmark: the product's own operations and store. The servers differ only in their
 * HTTP layer.
 */
import type { OperationId } from '../../../../generated/operations.ts';
import { readConfig } from '../../../../src/server/config/index.ts';
import { newId } from '../../../../src/server/domain/credentials.ts';
import { authenticatePortalSession } from '../../../../src/server/domain/sessions/sessions.ts';
import { authenticateRootKey } from '../../../../src/server/domain/workspaces/root-keys.ts';
import { operationHandlers } from '../../../../src/server/operations/index.ts';
import type { Call, Operation, OperationDeps } from '../../../../src/server/operations/operation.ts';
import { createStore } from '../../../../src/server/store/index.ts';
import { connectRedis } from '../../../../src/server/store/redis.ts';

/** The measured operations. */
export const measured = [
  'portal.createSession',
  'portal.exchangeSession',
  'portal.getSession',
  'keys.verifyKey',
] as const satisfies OperationId[];

export type Measured = (typeof measured)[number];

/** The token of `Authorization: Bearer …`, without validation. */
const bearerOf = (header = '') => header.slice('Bearer '.length);

/** Connects to the Redis of the environment and returns a function that runs operations. */
export async function createResponder(): Promise<
  (id: Measured, authorization: string | undefined, body: unknown) => unknown
> {
  const config = readConfig();
  const redis = connectRedis(config.redis);
  await redis.ready;
  const store = createStore(redis, config.audit, config.rateLimits, config.limits);
  const deps = { store, portalBaseUrl: 'http://localhost', usageRetentionDays: 90 } as OperationDeps;
  return async (id, authorization, body) => {
    const bearer = bearerOf(authorization);
    const caller =
      id === 'portal.exchangeSession'
        ? undefined
        : id === 'portal.getSession'
          ? await authenticatePortalSession(store, [bearer])
          : await authenticateRootKey(store, bearer);
    const requestId = newId('req');
    const operation = operationHandlers[id] as Operation<OperationId>;
    const reply = await operation(
      { body, caller, author: () => ({ proof: caller, requestId }) } as Call<OperationId>,
      deps,
    );
    if (!('data' in reply)) throw new Error(`${id} returns its data as JSON`);
    return { meta: { requestId }, data: reply.data };
  };
}
