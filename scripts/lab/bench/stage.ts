/** The data of the benchmark's requests: a workspace, a portal, a key and a session. */
import { createClient, createConfig } from '../../../generated/client/client/index.ts';
import { Portico } from '../../../generated/client/sdk.gen.ts';
import { sha256 } from '../../../src/server/domain/credentials.ts';
import { createSession } from '../../../src/server/domain/sessions/sessions.ts';
import { createStore } from '../../../src/server/store/index.ts';
import { connectRedis } from '../../../src/server/store/redis.ts';
import { portico } from '../../../tests/support/server.ts';
import type { Load } from './load.ts';
import type { Measured } from './peers/response.ts';

const permissions = ['read_key', 'create_key', 'read_analytics'].map((action) => `api.*.${action}`);
const grant = { slug: 'bench', externalId: 'user_123', permissions };

async function data<T>(answer: Promise<{ data?: { data: T } | undefined; error?: unknown }>): Promise<T> {
  const { data: body, error } = await answer;
  if (body === undefined) throw new Error(JSON.stringify(error));
  return body.data;
}

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
  const sdk = (auth: string) =>
    new Portico({
      client: createClient(
        createConfig({ baseUrl: serverUrl, auth: ({ type }) => (type === 'apiKey' ? undefined : auth) }),
      ),
    });
  const backend = sdk(rootKey);
  const { apiId } = await data(backend.apis.createApi({ body: { name: 'Bench' } }));
  await data(backend.portal.createConfiguration({ body: { slug: grant.slug, apiIds: [apiId] } }));
  const { sessionId } = await data(backend.portal.createSession({ body: grant }));
  const { token } = await data(backend.portal.exchangeSession({ body: { sessionId } }));
  const { key } = await data(sdk(token).portal.createKey({ body: { apiId } }));

  const redis = connectRedis(redisUrl);
  await redis.ready;
  const store = createStore(redis, { maxEntries: 100_000, maxAgeDays: 90 });
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
      const author = { actor: { type: 'user' } } as const;
      while (ids.length < amount) {
        const batch = Array.from({ length: 100 }, () =>
          createSession(store, caller, { ...grant, preview: false }, author),
        );
        ids.push(...(await Promise.all(batch)).map(({ sessionId }) => sessionId));
      }
    },
    close: () => redis.close(),
  };
}
