import { randomUUID } from 'node:crypto';
import { once as onceEvent } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fixture, State } from '../../contract-tests/engine/case.ts';
import { emptyFixture, type StartedTarget } from '../../contract-tests/engine/target.ts';
import { blackBox } from '../../contract-tests/targets/black-box.ts';
import { sessionRef, sha256 } from '../../src/server/domain/credentials.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionsOf } from '../../src/server/store/partitions.ts';
import { publishControl } from './control.ts';
import { type LocalServer, startPatientServer } from './server.ts';
import { operate, type SharedServer, sharedRedis, sharedServer } from './shared/client.ts';
import { openTargetRedis, startTargetRedis, type TargetRedis } from './target-redis.ts';

const slug = 'my-portal';

const limits = { RATE_LIMIT_ROOT_KEY: '100', RATE_LIMIT_SESSION: '100', RATE_LIMIT_EXCHANGE: '100' };

/** Runs `arrange` only at the first call, for example for a state that no case can change because it only refuses. */
function once<T>(arrange: () => Promise<T>): () => Promise<T> {
  let arranged: Promise<T> | undefined;
  return () => (arranged ??= arrange());
}

/** Our server as a target, with access to its process and its Redis. */
export interface ServerTarget<Server extends SharedServer = LocalServer> extends StartedTarget {
  server: Server;
  /** The settings for another server or the command line on the same Redis. */
  redisEnv: Record<string, string>;
  redis: TargetRedis['client'];
  everyNode: TargetRedis['everyNode'];
  workspaceId: string;
  rootKeyId: string;
  /** The URL of an OpenAPI document. */
  openapiUrl: string;
}

const oauth = (scopes: string[]) => [{ oauth: scopes }];
const document = {
  openapi: '3.1.0',
  info: { title: 'Acme API', version: '1' },
  servers: [{ url: '/v1' }],
  security: oauth(['invoices:read']),
  tags: [{ name: 'Invoices', description: 'What your customers owe you' }],
  paths: {
    '/invoices': {
      get: { operationId: 'listInvoices', summary: 'List invoices', tags: ['Invoices'] },
      post: { operationId: 'createInvoice', security: oauth(['invoices:read', 'invoices:write']) },
    },
    '/health': { get: { operationId: 'getHealth', security: [] } },
  },
  components: {
    securitySchemes: {
      oauth: {
        type: 'oauth2',
        flows: {
          clientCredentials: {
            tokenUrl: 'https://acme.example/token',
            scopes: { 'invoices:read': 'Read your invoices', 'invoices:write': 'Write invoices' },
          },
        },
      },
    },
  },
};

/** Serves a small OpenAPI document on loopback, like a customer's server. */
async function serveDocument(): Promise<{ url: string; stop(): void }> {
  const server = createServer((_req, res) => res.setHeader('ETag', '"1"').end(JSON.stringify(document)));
  server.listen(0, '127.0.0.1');
  await onceEvent(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/openapi.json`;
  return { url, stop: () => server.close() };
}

interface Workspace {
  workspaceId: string;
  rootKey: string;
  rootKeyId: string;
}

/** How a target starts its servers. */
interface Servers<Server extends SharedServer> {
  redis: TargetRedis;
  start(env: Record<string, string>): Promise<Server>;
  stop(): Promise<void>;
}

const usualSettings = {
  HOST: '127.0.0.1',
  PORTAL_BASE_URL: 'https://portal.acme.example',
  // A test creates this many keys to reach the limit, with one call for each.
  MAX_KEYS_PER_USER_AND_API: '10',
  OPENAPI_ALLOW_PRIVATE: 'true',
};

/**
 * Starts a new Redis and a new server, and creates a workspace with a portal. For tests that read the log or the process,
 * disturb Redis, count events, or need other settings.
 */
export async function startServerTarget(env: Record<string, string> = {}): Promise<ServerTarget> {
  const redis = await startTargetRedis();
  const started: LocalServer[] = [];
  const start = async (more: Record<string, string>) => {
    const server = await startPatientServer({ PORT: '0', ...redis.env, ...more });
    started.push(server);
    return server;
  };
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    await redis.stop();
  };
  try {
    return await targetOn({ redis, start, stop }, { ...usualSettings, ...env });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Creates a workspace with a portal on the shared server and Redis of the run. */
export async function sharedServerTarget(env: Record<string, string> = {}): Promise<ServerTarget<SharedServer>> {
  const redis = await openTargetRedis(await sharedRedis());
  return targetOn({ redis, start: sharedServer, stop: redis.stop }, { ...usualSettings, ...env });
}

async function targetOn<Server extends SharedServer>(
  { redis: targetRedis, start, stop }: Servers<Server>,
  settings: Record<string, string>,
): Promise<ServerTarget<Server>> {
  const { env: redisEnv, client: redis } = targetRedis;
  const [documents, server] = await Promise.all([serveDocument(), start(settings)]);
  // Two more servers with the same settings, for some states: one with limits, and one without a reachable Redis.
  const strict = once(() => start({ ...settings, ...limits }));
  const cutOff = once(() => start({ ...settings, REDIS_URL: 'redis://127.0.0.1:1' }));

  const cli = <T>(...args: string[]) => operate<T>(redisEnv, ...args);
  const branding = ['logo', 'logo-dark', 'favicon'].flatMap((name) => [
    `--${name}-url`,
    `https://cdn.acme.example/${name}.svg`,
  ]);
  const pages = ['--support-url', 'https://help.acme.example', '--embedding-origin', 'https://app.acme.example'];
  const theme = [
    ...['--primary-color-dark', '#7aa2f7', '--logo-shows-name', '--title', 'Acme for developers', '--font', 'inter'],
    ...['--font-url', 'https://cdn.acme.example/brand.woff2', '--color-scheme', 'auto', '--radius', 'large'],
    ...['--density', 'compact', '--neutral', 'stone', '--header', 'compact', '--language', 'en'],
    ...['--tab', 'keys=Keys', '--link', 'Terms of service=https://acme.example/terms'],
    ...['--variable', 'ground=#fffaf0,#14110c', '--variable', 'radius=4px'],
  ];
  const look = ['--name', 'Acme', ...branding, ...theme, ...pages, '--show-powered-by'];
  const newPortal = (workspaceId: string, ...flags: string[]) => {
    const settings = ['--slug', slug, '--return-url', 'https://app.acme.example', ...look, ...flags];
    return cli('portal', 'create', '--workspace', workspaceId, ...settings);
  };

  /** A new workspace with a portal, which a case can change or damage. */
  async function newWorkspace(...flags: string[]): Promise<Workspace> {
    const workspace = await cli<Workspace>('workspace', 'create', '--name', 'Acme');
    await newPortal(workspace.workspaceId, ...flags);
    return workspace;
  }

  const outside = ({ rootKey }: Workspace) =>
    blackBox({ name: 'server', baseUrl: server.url, rootKey, slug, openapiUrl: documents.url });
  const fixture = ({ rootKey }: Workspace): Fixture => ({ ...emptyFixture, rootKey, slug });
  const own = await newWorkspace();
  const usual = outside(own);

  /** The Redis key with the record of a session id or token. */
  function keyOf(credential: string): string {
    const ref = sessionRef('pst', credential) ?? sessionRef('ps', credential);
    if (ref === undefined) throw new Error('this is the credential of no session');
    return keys.session(ref, ref.handle);
  }

  /** A new workspace in a state, changed by a function. */
  const then = (state: State, harm: (workspace: Workspace, fixture: Fixture) => Promise<unknown>) => async () => {
    const workspace = await newWorkspace();
    const arranged = await outside(workspace).arrange(state);
    await harm(workspace, arranged);
    return arranged;
  };
  const disablePortal = ({ workspaceId }: Workspace) =>
    cli('portal', 'update', '--workspace', workspaceId, '--slug', slug, '--disabled', '--yes');
  const disableWorkspace = ({ workspaceId }: Workspace) =>
    cli('workspace', 'disable', '--workspace', workspaceId, '--yes');
  /** The tests do not wait for an expiry: they make the record expire in Redis. */
  const expire = (credential: string) => redis.pExpireAt(keyOf(credential), 1);

  let caller: Promise<{ workspaceId: string; fixture: Fixture }> | undefined;
  const limitedCaller = () =>
    (caller ??= (async () => {
      const workspace = await newWorkspace();
      const { sessionId } = await outside(workspace).arrange('session');
      const { token } = await outside(workspace).arrange('browserSession');
      return {
        workspaceId: workspace.workspaceId,
        fixture: { ...fixture(workspace), sessionId, token, baseUrl: (await strict()).url },
      };
    })());

  const narrow = ['--permission', 'portal.*.create_session', '--permission', 'api.*.read_analytics'];
  /** The operations that take an Idempotency-Key. */
  const repeatable = [
    'portal.createSession',
    'portal.createConfiguration',
    'apis.createApi',
    'keys.createKey',
    'keys.rerollKey',
  ];
  const arrangers: Partial<Record<State, () => Promise<Fixture>>> = {
    disabledPortal: once(async () => fixture(await newWorkspace('--disabled'))),
    foreignRootKey: once(async () => fixture(await cli<Workspace>('workspace', 'create', '--name', 'Other'))),
    foreignWorkspaceKey: async () => ({
      ...(await usual.arrange('key')),
      rootKey: (await cli<Workspace>('workspace', 'create', '--name', 'Other')).rootKey,
    }),
    otherApiRootKey: async () => {
      const { apiId: other } = await usual.arrange('api');
      const actions = ['read_key', 'create_key', 'update_key', 'delete_key', 'import_key'];
      const permissions = actions.flatMap((action) => ['--permission', `api.${other}.${action}`]);
      const { rootKey } = await cli<Workspace>('root-key', 'create', '--workspace', own.workspaceId, ...permissions);
      return { ...(await usual.arrange('key')), rootKey };
    },
    limitedRootKey: once(async () => {
      const { workspaceId } = own;
      return fixture(await cli<Workspace>('root-key', 'create', '--workspace', workspaceId, ...narrow));
    }),
    idempotencyKeyInProgress: async () => {
      const idempotencyKey = randomUUID();
      const hash = sha256(idempotencyKey);
      for (const operation of repeatable) {
        const name = `${own.rootKeyId}:${operation}:${hash}`;
        await redis.set(keys.idempotency(own.workspaceId, name), 'under_way\nreq_someoneElse');
      }
      return { ...fixture(own), idempotencyKey };
    },
    identityBeingDeleted: async () => {
      const [{ apiId }, { externalId }] = [await usual.arrange('api'), await usual.arrange('identity')];
      const owner = { workspaceId: own.workspaceId, externalId: String(externalId) };
      await redis.set(keys.identity(owner), '!identity_someone');
      return { ...fixture(own), apiId: String(apiId), externalId: owner.externalId };
    },
    revokedRootKey: once(
      then('portal', async ({ workspaceId }) => {
        const [rootKey] = await cli<{ rootKeyId: string }[]>('root-key', 'list', '--workspace', workspaceId);
        const revoke = ['root-key', 'revoke', '--workspace', workspaceId, '--yes'];
        await cli(...revoke, '--root-key-id', String(rootKey?.rootKeyId));
      }),
    ),
    // A new key for every case, because a server can drop a cached key when it refuses it.
    servedThenRevokedRootKey: async () => {
      const rootKeys = keys.rootKeys(own.workspaceId);
      const rootKey = `${own.rootKey.slice(0, -32)}${randomUUID().replaceAll('-', '')}`;
      await redis.hSet(rootKeys, sha256(rootKey), String(await redis.hGet(rootKeys, sha256(own.rootKey))));
      await outside({ ...own, rootKey }).arrange('session');
      await redis.hDel(rootKeys, sha256(rootKey));
      await publishControl(redis, own.workspaceId);
      return { ...fixture(own), rootKey };
    },
    revocableRootKey: async () => {
      const { workspaceId } = own;
      const { rootKey, rootKeyId } = await cli<Workspace>('root-key', 'create', '--workspace', workspaceId);
      const revoke = ['root-key', 'revoke', '--workspace', workspaceId, '--root-key-id', rootKeyId, '--yes'];
      return { ...fixture({ ...own, rootKey }), revoke: () => cli(...revoke) };
    },
    disabledWorkspace: once(then('portal', disableWorkspace)),
    fullWorkspace: once(
      then('key', ({ workspaceId }) => {
        const quotas = [keys.quota(workspaceId), ...partitionsOf(workspaceId).map(keys.partitionQuota)];
        return Promise.all(quotas.map((quota) => redis.hSet(quota, 'total', String(1e15))));
      }),
    ),
    missingWorkspace: once(
      then('portal', async ({ workspaceId }) => {
        await redis.del(keys.workspace(workspaceId));
        await publishControl(redis, workspaceId);
      }),
    ),
    expiredSession: once(then('session', (_, { sessionId }) => expire(sessionId))),
    sessionOfDisabledPortal: once(then('session', disablePortal)),
    sessionOfDisabledWorkspace: once(then('session', disableWorkspace)),
    expiredBrowserSession: once(then('browserSession', (_, { token }) => expire(token))),
    browserSessionOfDisabledPortal: once(then('browserSession', disablePortal)),
    browserSessionOfDisabledWorkspace: once(then('browserSession', disableWorkspace)),
    brokenStore: once(async () => {
      const workspace = await newWorkspace();
      const { sessionId } = await outside(workspace).arrange('session');
      const { token } = await outside(workspace).arrange('browserSession');
      const damaged = [keys.workspace(workspace.workspaceId), keyOf(sessionId), keyOf(token)];
      for (const key of damaged) await redis.set(key, 'damaged', { expiration: 'KEEPTTL' });
      await publishControl(redis, workspace.workspaceId);
      return { ...fixture(workspace), sessionId, token };
    }),
    rateLimitedCaller: async () => {
      const { workspaceId, fixture: of } = await limitedCaller();
      const session = sessionRef('ps', of.token);
      if (session === undefined) throw new Error('this is the token of no session');
      // The counters are so high that only the next minute allows a call.
      const calls = [keys.rootKeyCalls(workspaceId, sha256(of.rootKey)), keys.sessionCalls(session, session.handle)];
      for (const key of calls) {
        await redis.hSet(key, 'counted', '1000');
        await redis.expire(key, 60);
      }
      await redis.set(`${keys.exchangeCalls}:127.0.0.1`, '1000', { EX: 60 });
      return of;
    },
    unreachableStore: once(async () => {
      const { sessionId } = await usual.arrange('session');
      return { ...(await usual.arrange('browserSession')), sessionId, baseUrl: (await cutOff()).url };
    }),
  };

  return {
    ...usual,
    server,
    redisEnv,
    redis,
    everyNode: targetRedis.everyNode,
    workspaceId: own.workspaceId,
    rootKeyId: own.rootKeyId,
    openapiUrl: documents.url,
    arrange: (state, operation) => arrangers[state]?.() ?? usual.arrange(state, operation),
    async stop() {
      documents.stop();
      await stop();
    },
  };
}
