/** The data of the benchmark's requests: a workspace, a portal, a key and a session. */
import { Portico } from '../../../clients/typescript/src/index.ts';
import { sha256 } from '../../../src/server/domain/credentials.ts';
import { createSession } from '../../../src/server/domain/sessions/sessions.ts';
import { createStore } from '../../../src/server/store/index.ts';
import { noLimits } from '../../../src/server/store/limits.ts';
import { noRateLimits } from '../../../src/server/store/rate-limits.ts';
import { connectRedis } from '../../../src/server/store/redis.ts';
import { portico } from '../../../tests/support/server.ts';
import type { Load } from './load.ts';
import type { Measured } from './peers/response.ts';

const permissions = ['read_key', 'create_key', 'read_analytics'].map((action) => `api.*.${action}`);
const grant = { slug: 'bench', externalId: 'user_123', permissions };

/** The requests of each operation, and a supply of session ids. */
export interface Stage {
  loads: Record<Measured, Load>;
  /** Creates this number of session ids; the load of `portal.exchangeSession` sends each once. */
  createSessions(amount: number): Promise<void>;
  close(): Promise<void>;
}

/** Creates the data through a running server and the command line. */
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
  const ids: string[] = [];
  const asBackend = { authorization: `Bearer ${rootKey}` };
  return {
    loads: {
      'portal.createSession': { path: '/v2/portal.createSession', headers: asBackend, body: JSON.stringify(grant) },
      'portal.exchangeSession': {
        path: '/v2/portal.exchangeSession',
        headers: {},
        body: () => JSON.stringify({ sessionId: ids.pop() }),
      },
      'portal.getSession': { path: '/v2/portal.getSession', headers: { authorization: `Bearer ${token}` }, body: '{}' },
      'keys.verifyKey': { path: '/v2/keys.verifyKey', headers: asBackend, body: JSON.stringify({ key, apiId }) },
    },
    async createSessions(amount) {
      while (ids.length < amount) {
        const batch = Array.from({ length: 100 }, () => createSession(store, caller, { ...grant, preview: false }, {}));
        ids.push(...(await Promise.all(batch)).map(({ sessionId }) => sessionId));
      }
    },
    close: () => redis.close(),
  };
}
