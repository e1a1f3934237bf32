/** The store in the process of a test, on the Redis of the run: fast and exact, without HTTP. */
import { randomUUID } from 'node:crypto';
import { commandLine } from '../../src/server/cli/operator.ts';
import { readStoreConfig } from '../../src/server/config/index.ts';
import type { KeySettings } from '../../src/server/domain/keys/key-settings.ts';
import { createKey } from '../../src/server/domain/keys/keys.ts';
import { createApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal } from '../../src/server/domain/portals/portals.ts';
import {
  type AuthenticatedSession,
  authenticatePortalSession,
  createSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { authenticateRootKey, createRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace } from '../../src/server/domain/workspaces/workspaces.ts';
import { createStore, type Store } from '../../src/server/store/index.ts';
import { defaultLimits, type StoreLimits } from '../../src/server/store/limits.ts';
import type { Page, PageRequest } from '../../src/server/store/page.ts';
import { type Partition, partitionOf, partitionOfHash, partitionOfName } from '../../src/server/store/partitions.ts';
import type { VerifiedRootKey } from '../../src/server/store/proof.ts';
import { noRateLimits } from '../../src/server/store/rate-limits.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import './patient-redis.ts';
import { type Hooks, withHooks } from './redis-hooks.ts';
import { sharedRedis } from './shared/client.ts';
import { openTargetRedis, type TargetRedis } from './target-redis.ts';

/** The store of a test, with access to its Redis. */
export interface TestStore {
  store: Store;
  redis: TargetRedis['client'];
  /** Holds the store at a moment. Clear what you set. */
  hooks: Hooks;
  stop(): Promise<void>;
}

/** Opens the store on the shared Redis. Create your own workspace in it. */
export async function openStore({
  audit = { maxEntries: 10_000, maxAgeDays: 30 },
  rateLimits = noRateLimits,
  limits = defaultLimits,
  on,
}: {
  audit?: Parameters<typeof createStore>[1];
  rateLimits?: Parameters<typeof createStore>[2];
  limits?: StoreLimits;
  /** The Redis, instead of the shared one. */
  on?: { url: string; env?: Record<string, string> };
} = {}): Promise<TestStore> {
  const { url, env = { REDIS_URL: url } } = on ?? (await sharedRedis());
  const target = await openTargetRedis({ url, env });
  const hooks: Hooks = {};
  const redis = connectRedis(readStoreConfig(env).redis);
  await redis.ready;
  const store = createStore(withHooks(redis, hooks), audit, rateLimits, limits);
  return {
    store,
    redis: target.client,
    hooks,
    stop: async () => void (await Promise.all([store.close(), target.stop()])),
  };
}

/** The store with a step that runs once, before the first call of one of its methods. It opens the window of a race. */
export function interrupted<Room extends keyof Store>(
  store: Store,
  room: Room,
  method: keyof Store[Room],
  step: () => Promise<unknown>,
): Store {
  let isDue = true;
  const original = store[room][method] as (...args: unknown[]) => Promise<unknown>;
  const wrapped = async (...args: unknown[]) => {
    if (isDue) {
      isDue = false;
      await step();
    }
    return original.apply(store[room], args);
  };
  return { ...store, [room]: { ...(store[room] as object), [method]: wrapped } };
}

/** Every permission on the keys of every API. */
export const allOnKeys = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map(
  (action) => `api.*.${action}`,
);

/** A workspace, and short calls that create things in it. */
export interface TestWorkspace {
  workspaceId: string;
  rootKey: VerifiedRootKey;
  /** The plaintext of the root key. */
  secret: string;
  newRootKey(): Promise<{ rootKey: VerifiedRootKey; secret: string }>;
  newApi(prefix?: string): Promise<string>;
  newPortal(settings?: Partial<Parameters<typeof createPortal>[2]>): Promise<string>;
  /** A pending session of a user, as its session id. */
  pend(slug: string, externalId: string, permissions?: string[]): Promise<string>;
  /** A browser session of a user. */
  enter(slug: string, externalId: string, permissions?: string[]): Promise<AuthenticatedSession>;
  /** A new key of the session's user. */
  newKey(
    session: AuthenticatedSession,
    apiId: string,
    settings?: KeySettings,
    limit?: number,
  ): ReturnType<typeof createKey>;
}

/** Creates a workspace. */
export async function newWorkspace(store: Store): Promise<TestWorkspace> {
  const { workspaceId, rootKey: secret } = await createWorkspace(store, { name: 'Acme' }, commandLine);
  const rootKey = await authenticateRootKey(store, secret);
  const pend: TestWorkspace['pend'] = async (slug, externalId, permissions = allOnKeys) =>
    (await createSession(store, rootKey, { slug, externalId, permissions, preview: false }, {})).sessionId;
  return {
    workspaceId,
    rootKey,
    secret,
    async newRootKey() {
      const created = await createRootKey(store, { workspaceId }, commandLine);
      return { rootKey: await authenticateRootKey(store, created.rootKey), secret: created.rootKey };
    },
    newApi: async (prefix) => (await createApi(store, workspaceId, { name: 'API', prefix }, commandLine)).apiId,
    newPortal: async (settings) =>
      (await createPortal(store, workspaceId, { slug: `p-${randomUUID()}`, ...settings }, commandLine)).slug,
    pend,
    async enter(slug, externalId, permissions) {
      const sessionId = await pend(slug, externalId, permissions);
      const { token } = await exchangeSession(store, sessionId, {});
      return authenticatePortalSession(store, [token]);
    },
    newKey: (session, apiId, settings, limit = 1000) => createKey(store, session, { apiId, ...settings }, limit),
  };
}

/** Reads a record as the text of each of its parts: fields of a HASH, members of a SET or ZSET, the whole of a STRING. */
const readers: Record<string, (redis: TargetRedis['client'], name: string) => Promise<Record<string, string>>> = {
  string: async (redis, name) => ({ '': String(await redis.get(name)) }),
  hash: async (redis, name) => ({ ...(await redis.hGetAll(name)) }),
  set: async (redis, name) => Object.fromEntries((await redis.sMembers(name)).map((member) => [member, 'member'])),
  zset: async (redis, name) =>
    Object.fromEntries((await redis.zRangeWithScores(name, 0, -1)).map(({ value, score }) => [value, String(score)])),
  // Entries are only added.
  stream: async () => ({ '': 'entries' }),
};

/** What each partition has for itself, by another name than the record of the same kind at home. */
export const ofPartition: Record<string, string> = {
  audit: 'session-audit',
  control: 'control-seen',
  quota: 'partition-quota',
  'key-ends': 'key-ends',
  'usage-work': 'usage-work',
  identities: 'identities',
};

/** Which of the names of API keys are of forwards: those in the partition that the hash names, if another one has the key. */
function forwardsIn(found: string[]): Set<string> {
  const hashOf = (key: string) => /:api-key:(\w+)$/.exec(key)?.[1];
  const byHash = Map.groupBy(found, hashOf);
  const isForward = (key: string) => {
    const hash = hashOf(key);
    if (hash === undefined || byHash.get(hash)?.length !== 2) return false;
    return partitionOfName(key).partition === partitionOfHash(hash);
  };
  return new Set(found.filter(isForward));
}

/**
 * The keys of a workspace's records by their names: without what comes before, and with the number of the partition for what each
 * partition has for itself, such as `partition-quota:17`.
 */
export async function recordKeys({ redis }: TestStore, workspaceId: string): Promise<Map<string, string>> {
  const home = `portico:{${workspaceId}}:`;
  // A pattern that begins with a star takes Redis four times as long, and it can have the records of many tests.
  const inPartitions = ['?', '??', '???'].map((tag) => `portico:{${tag}}:${workspaceId}:*`);
  const found = (await Promise.all([`${home}*`, ...inPartitions].map((pattern) => redis.keys(pattern)))).flat();
  const forwards = forwardsIn(found);
  const named = found.map((key): [string, string] => {
    if (key.startsWith(home)) return [key.slice(home.length), key];
    const name = key.slice(key.indexOf(`${workspaceId}:`) + workspaceId.length + 1);
    const { partition } = partitionOfName(key);
    if (forwards.has(key)) return [`forward:${name}`, key];
    if (/^(portal-sessions|api-key-order):/.test(name)) return [`${name}:${partition}`, key];
    const kind = ofPartition[name];
    return [kind === undefined ? name : `${kind}:${partition}`, key];
  });
  return new Map(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The names of a workspace's records. */
export const recordNames = async (opened: TestStore, workspaceId: string): Promise<string[]> => [
  ...(await recordKeys(opened, workspaceId)).keys(),
];

/** A version of the control data: it only grows. */
const isVersion = (name: string) => /^(control|published|control-seen:\d+)$/.test(name);

/**
 * Everything that Redis has of a workspace, apart from versions: the value of each part of each record, by `<name> <part>`.
 */
export async function contentsOf(opened: TestStore, workspaceId: string): Promise<Record<string, string>> {
  const { redis } = opened;
  const records = [...(await recordKeys(opened, workspaceId))].filter(([name]) => !isVersion(name));
  const parts = records.map(async ([name, key]) => {
    const type = await redis.type(key);
    const read = readers[type];
    if (read === undefined) throw new Error(`${name} is a ${type}, which no test reads yet`);
    return Object.entries(await read(redis, key)).map(([part, value]) => [`${name} ${part}`.trim(), value] as const);
  });
  return Object.fromEntries((await Promise.all(parts)).flat());
}

/** What the quotas of a workspace have together, at home and in its partitions. */
export const quotaIn = (contents: Record<string, string>): number =>
  Object.entries(contents)
    .filter(([name]) => /^(quota|partition-quota:\d+) total$/.test(name))
    .reduce((sum, [, total]) => sum + Number(total), 0);

/** What the quota counts of each kind of record besides its text. */
const overheads: [record: RegExp, bytes: number][] = [
  [/^api-key:/, 1000],
  [/^session:/, 500],
  [/^identity:/, 300],
  [/^identity-policy:/, 0],
  [/^(apis|portals) |^idempotency:|^session-response:/, 300],
  [/^scope-catalogues /, 0],
];

/** How many bytes the quota of a workspace must have, by its contents. */
export function bytesIn(contents: Record<string, string>): number {
  const counted = Object.entries(contents).map(([name, value]) => {
    // A script has summed up the fields of a document.
    if (/^openapi-document:\S+ bytes$/.test(name)) return Number(value);
    const [, overhead] = overheads.find(([record]) => record.test(name)) ?? [];
    return overhead === undefined ? 0 : Buffer.byteLength(value) + overhead;
  });
  return counted.reduce((sum, bytes) => sum + bytes, 0);
}

/** Whose quota counts a record besides that of the workspace: a key has its user, and a response its session. */
function userOfRecord(contents: Record<string, string>, name: string, value: string): string | undefined {
  if (name.startsWith('api-key:')) return value.split('\n')[0]?.split(' ').at(11);
  const [, handle] = /^session-response:(sess_[^:]+):/.exec(name) ?? [];
  if (handle === undefined) return undefined;
  const { externalId } = JSON.parse(contents[`session:${handle}`]?.split('\n').at(-1) ?? '{}');
  return Buffer.from(String(externalId)).toString('base64url');
}

/** How many bytes the quotas of the users of a workspace must have, by its contents. */
export function userBytesIn(contents: Record<string, string>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, value] of Object.entries(contents)) {
    const user = userOfRecord(contents, name, value);
    if (user === undefined) continue;
    const total = `user-quota:${user} total`;
    sums[total] = (sums[total] ?? 0) + bytesIn({ [name]: value });
  }
  return sums;
}

/** What the quotas of the users of a workspace have. */
export const userTotalsIn = (contents: Record<string, string>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(contents).flatMap(([name, value]) =>
      /^user-quota:\S+ total$/.test(name) ? [[name, Number(value)]] : [],
    ),
  );

/** Users of one partition. */
export function usersOf({ workspaceId, partition }: Partition, many: number): string[] {
  const users: string[] = [];
  for (let i = 0; users.length < many; i++) {
    const externalId = `user ${i}`;
    if (partitionOf({ workspaceId, externalId }).partition === partition) users.push(externalId);
  }
  return users;
}

/** All pages of a list. */
export async function walk<Item>(read: (page: PageRequest) => Promise<Page<Item>>, limit: number): Promise<Item[][]> {
  const pages: Item[][] = [];
  for (let after: string | undefined; ; ) {
    const { items, next } = await read({ limit, ...(after !== undefined && { after }) });
    pages.push(items);
    if (next === undefined) return pages;
    after = next;
  }
}

/** The numbers from 0 on. */
export const numbers = (many: number) => Array.from({ length: many }, (_, i) => i);
