/** The data of the benchmark's requests: a workspace, a portal, a key and a session, for Portico and for the peers. */
import { createClient } from 'redis';
import { Portico } from '../../../clients/typescript/src/index.ts';
import { sha256 } from '../../../src/server/domain/credentials.ts';
import { createSession } from '../../../src/server/domain/sessions/sessions.ts';
import { createStore } from '../../../src/server/store/index.ts';
import { noRateLimits } from '../../../src/server/store/rate-limits.ts';
import { connectRedis } from '../../../src/server/store/redis.ts';
import { portico } from '../../../tests/support/server.ts';
import { noLimits } from '../no-limits.ts';
import type { Load } from './load.ts';
import { type Measured, pendingSession, records } from './peers/smallest.ts';

const permissions = ['read_key', 'create_key', 'read_analytics'].map((action) => `api.*.${action}`);
const grant = { slug: 'bench', externalId: 'user_123', permissions };
/** Users who sign in: nobody creates thousands of sessions for one. */
const users = 10_000;
const grantOf = (i: number) => ({ ...grant, externalId: `user_${i % users}` });

/** The requests of each operation to one kind of server. */
export interface Stage {
  /** For `portal.exchangeSession`, creates this many sessions before: an exchange uses one up. */
  load(id: Measured, exchanges: number): Promise<Load>;
  close(): Promise<void>;
}

/** @param createSessions creates sessions and returns their ids */
function stageOf(
  credentials: { rootKey: string; token: string; key: string; apiId: string },
  createSessions: (amount: number) => Promise<string[]>,
  close: () => Promise<void>,
): Stage {
  const { rootKey, token, key, apiId } = credentials;
  const asBackend = { authorization: `Bearer ${rootKey}` };
  const asUser = { authorization: `Bearer ${token}` };
  const loads = {
    'portal.createSession': {
      headers: asBackend,
      bodies: Array.from({ length: users }, (_, i) => JSON.stringify(grantOf(i))),
    },
    'portal.getSession': { headers: asUser, bodies: ['{}'] },
    'keys.verifyKey': { headers: asBackend, bodies: [JSON.stringify({ key, apiId })] },
  };
  return {
    async load(id, exchanges) {
      const path = `/v2/${id}`;
      if (id !== 'portal.exchangeSession') return { path, ...loads[id] };
      const ids = await createSessions(exchanges);
      return { path, headers: {}, bodies: ids.map((sessionId) => JSON.stringify({ sessionId })), once: true };
    },
    close,
  };
}

/** How many sessions are created at a time. */
const batchSize = 100;

async function inBatches(amount: number, create: () => Promise<string>): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < amount) ids.push(...(await Promise.all(Array.from({ length: batchSize }, create))));
  return ids;
}

/** Creates Portico's data through a running server and the command line. */
export async function setStage(redisUrl: string, serverUrl: string): Promise<Stage> {
  const { rootKey, workspaceId } = await portico<{ rootKey: string; workspaceId: string }>(
    redisUrl,
    ...['workspace', 'create', '--name', 'Bench'],
  );
  const backend = new Portico({ baseUrl: serverUrl, rootKey });
  const { apiId } = await backend.apis.createApi({ name: 'Bench' });
  await backend.portal.createConfiguration({ slug: grant.slug, apiIds: [apiId] });
  const { sessionId } = await backend.portal.createSession(grant);
  const { token } = await backend.portal.exchangeSession({ sessionId });
  const { key } = await backend.portal.createKey({ apiId }, { sessionToken: token });

  const redis = connectRedis(redisUrl);
  await redis.ready;
  const store = createStore(redis, { maxEntries: 100_000, maxAgeDays: 90 }, noRateLimits, noLimits);
  const caller = await store.rootKeys.verify(workspaceId, sha256(rootKey));
  let created = 0;
  const create = async () =>
    (await createSession(store, caller, { ...grantOf(created++), preview: false }, {})).sessionId;
  return stageOf(
    { rootKey, token, key, apiId },
    (amount) => inBatches(amount, create),
    () => redis.close(),
  );
}

/** Writes the data of the peers with the smallest scripts. Their session is as large as Portico's. */
export async function setPeerStage(redisUrl: string): Promise<Stage> {
  const client = await createClient({ url: redisUrl }).connect();
  const [rootKey, token, key, apiId] = ['rk', 'ps', 'key', 'api'].map(
    (name) => `${name}_${crypto.randomUUID().replaceAll('-', '')}`,
  ) as [string, string, string, string];
  const session = JSON.stringify(grant);
  await client.hSet(records.rootKeys, records.rootKey(rootKey), '{}');
  await client.set(records.browserSession(token), session, { EX: 86_400 });
  const keyRecord = JSON.stringify({ keyId: key, apiId, externalId: grant.externalId });
  await client.set(records.apiKey(key), keyRecord);
  await client.set(records.promisedKey(key), `${'0'.repeat(13)} 1 0 ${key} ${apiId} ${grant.externalId}\n${keyRecord}`);
  const create = async () => {
    const sessionId = crypto.randomUUID();
    await client.set(records.session(sessionId), pendingSession(sessionId, grant), { EX: 900 });
    return sessionId;
  };
  return stageOf(
    { rootKey, token, key, apiId },
    (amount) => inBatches(amount, create),
    () => client.close(),
  );
}
