/**
 * The model: for each operation of the contract, the request that four small numbers select, the response that must come, and what
 * changes. It knows no time: no window, session or key ends by itself while a run lasts.
 */
import { createHash } from 'node:crypto';
import { expect } from 'expect';
import type { OperationId } from '../../../generated/operations.ts';
import {
  apiPolicies,
  asPolicy,
  type Bounds,
  fits,
  type KeySettings,
  keyChanges,
  keySettings,
  mayComeFrom,
  type Rate,
  userPolicies,
} from './policies.ts';
import {
  boundsIn,
  type ModelApi,
  type ModelEntry,
  type ModelKey,
  type ModelPortal,
  type ModelSession,
  maxKeys,
  Named,
  type World,
} from './world.ts';

/** A call and what the model says about it. */
export interface Step {
  bearer?: Named;
  body?: Record<string, unknown>;
  /** Sends the same request twice with one Idempotency-Key: the second response has to equal the first, and nothing else happens. */
  twice?: boolean;
  /** The code of the error, if the server has to refuse. */
  error?: string | undefined;
  /** The data of the response: a value as for `toEqual`, or a function that throws. A list has the items of all pages, in any order. */
  data?: unknown;
  /** What is compared of the data, or of each item of a list; undefined leaves an item out. */
  see?: (found: never) => unknown;
  /** Values of the response that later requests use, by their path in `data`. */
  binds?: Record<string, Named>;
  /** Changes the model after a success. */
  effect?: () => void;
}

/** Selects what a step is about. `9` in the first two selects something that never existed, where there is a choice. */
export type Numbers = readonly [number, number, number, number];

/** Returns undefined if the world has nothing to do this with. */
type Plan = (world: World, numbers: Numbers) => Step | undefined;

const time = expect.any(Number);
const text = expect.any(String);
const users = ['ada', 'bob'];
const slugs = ['first', 'second', 'third'];
const never = 9;

const errors = {
  noApi: 'unkey/data/api_not_found',
  noKey: 'unkey/data/key_not_found',
  noPortal: 'unkey/data/portal_config_not_found',
  noUser: 'unkey/data/identity_not_found',
  invalid: 'unkey/application/invalid_input',
  forbidden: 'unkey/authorization/forbidden',
  missing: 'unkey/authorization/insufficient_permissions',
  retired: 'unkey/data/key_retired',
};

const at = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
/** Something that exists or existed, `null` for what never existed, and undefined if there is nothing to choose from. */
const pick = <T>(list: readonly T[], n: number): T | null | undefined => (n === never ? null : list[n % list.length]);

/** A call of the company. One in ten has a root key that can only read. */
const company = (world: World, n: number, operation: string, step: Step): Step =>
  n === never && !/\.(get|list)/.test(operation)
    ? { bearer: world.readerKey, body: step.body ?? {}, error: errors.missing }
    : { bearer: world.rootKey, ...step };

/** A call in a session, which may have ended. The session needs `permission` on an API, if there is one. */
function user(world: World, n: number, plan: (session: ModelSession) => Step | undefined): Step | undefined {
  const opened = world.sessions.filter((session) => session.token.value !== undefined);
  const session = opened[opened.length - 1 - (n % opened.length)];
  if (session === undefined) return undefined;
  const step = plan(session);
  const error = world.refusal(session, 'active');
  return step && { bearer: session.token, ...(error === undefined ? step : { body: step.body ?? {}, error }) };
}

const holds = ({ permissions }: ModelSession, api: ModelApi | undefined, action: string): boolean =>
  permissions.some(
    (one) => one === `api.*.${action}` || (api !== undefined && one === `api.${api.id.value}.${action}`),
  );

const actions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'];

/** The APIs of the session's portal that exist and where the session may do one of these. */
const apisOf = (session: ModelSession, ...which: string[]): ModelApi[] =>
  session.portal.apis.filter((api) => !api.deleted && which.some((action) => holds(session, api, action)));

const shownApi = ({ id, name, prefix, policy }: ModelApi) => ({
  ...{ apiId: id.value, name, prefix, policy: asPolicy(policy), createdAt: time },
});

const shownPortal = ({ id, slug, name, openapiUrl, enabled, apis, version }: ModelPortal) => ({
  ...{ portalId: id.value, slug, name, openapiUrl, enabled, apiIds: apis.map((api) => api.id.value), version },
  ...{ allowedReturnOrigins: [], embeddingOrigins: [], allowedOrigins: [] },
  ...{ branding: { primaryColor: '#2563eb' }, createdAt: time, updatedAt: time },
});

const listOrNone = <T>(list: T[] | null | undefined) => (list == null || list.length === 0 ? undefined : list);

/** A key as its user sees it. */
const shownKey = ({ id, api, secret, start, settings, state, used, replaces, replacedBy }: ModelKey) => ({
  ...{ keyId: id.value, apiId: api.id.value, createdAt: time, updatedAt: time, managed: settings.managed ?? false },
  start: start ?? secret.value?.slice(0, secret.value.lastIndexOf('_') + 5),
  ...{ enabled: settings.enabled ?? true, name: settings.name ?? undefined, meta: settings.meta ?? undefined },
  ...{ ratelimit: settings.ratelimit ?? undefined, scopes: listOrNone(settings.scopes) },
  ...{ ipRanges: listOrNone(settings.ipRanges), lastUsedAt: used ? time : undefined },
  expires: state === 'active' ? undefined : time,
  ...{ replaces: replaces?.id.value, replacedBy: replacedBy?.id.value },
});
const shownToCompany = (key: ModelKey) => ({ ...shownKey(key), externalId: key.externalId });

const shownSession = ({ handle, person, permissions, preview, state }: ModelSession) => ({
  ...{ handle: handle.value ?? text, actor: { id: person }, permissions, preview, state },
  ...{ createdAt: time, expiresAt: time },
});
const listedSession = (session: ModelSession) => ({
  ...shownSession(session),
  slug: session.portal.slug,
  externalId: session.externalId,
});

/** A list of sessions, which also tells the handles. */
const sessionList = (sessions: ModelSession[], shown: (session: ModelSession) => object): Step => ({
  data: sessions.map(shown),
  binds: Object.fromEntries(sessions.map(({ person, handle }) => [`handle of ${person}`, handle])),
});

const log = (world: World, action: string, actor: ModelEntry['actor'] = 'root_key', about: object = {}) =>
  world.audit.push({ action, actor, ...about });

/** Who changes a key: the company, or the user in a session. */
interface KeyCaller {
  session?: ModelSession;
}
const logKey = (world: World, action: string, { session }: KeyCaller, { externalId, api }: ModelKey) =>
  session === undefined
    ? log(world, action, 'root_key', { externalId, api })
    : log(world, action, 'user', { externalId, portal: session.portal });

/** The error of a key that the caller may not use, or undefined. */
function keyRefusal({ session }: KeyCaller, key: ModelKey | null, action: string): string | undefined {
  if (key === null || key.deleted) return errors.noKey;
  if (session === undefined) return undefined;
  if (key.externalId !== session.externalId || !session.portal.apis.includes(key.api)) return errors.noKey;
  if (!holds(session, key.api, action)) return errors.missing;
  if (key.settings.managed && action !== 'read_analytics') return 'unkey/authorization/key_managed';
  return undefined;
}

const newKey = (world: World, api: ModelApi, externalId: string, settings: KeySettings, secret?: Named): ModelKey => {
  const n = world.keys.length + 1;
  return {
    ...{ id: new Named(`KEY_${n}_ID`), secret: secret ?? new Named(`KEY_${n}`), start: undefined, api, externalId },
    ...{ settings, state: 'active', used: false, deleted: false, own: 0, ofPolicy: 0 },
  };
};

const withKey = ({ id, secret }: ModelKey) => ({ keyId: id, key: secret });

function createKey(world: World, by: KeyCaller, externalId: string, api: ModelApi | null, [, , c, d]: Numbers): Step {
  const { managed, ...ofUser } = at(keySettings, c);
  const settings = { ...ofUser, ...(by.session === undefined && managed !== undefined && { managed }) };
  const body = { apiId: api?.id ?? 'api_neverWas0000000000', ...settings, ...(by.session ? {} : { externalId }) };
  const isMissing = api === null || api.deleted || by.session?.portal.apis.includes(api) === false;
  if (isMissing) return { body, error: errors.noApi };
  if (by.session && !holds(by.session, api, 'create_key')) return { body, error: errors.missing };
  if (!fits(settings, boundsIn(world, externalId, api), [], true)) return { body, error: errors.invalid };
  if (world.activeKeys(externalId, api) >= maxKeys) return { body, error: 'unkey/data/key_limit_exceeded' };
  const key = newKey(world, api, externalId, settings);
  return {
    ...{ body, twice: d % 3 === 0, data: { keyId: text, key: text }, binds: withKey(key) },
    effect() {
      world.user(externalId);
      world.keys.push(key);
      logKey(world, 'key.create', by, key);
    },
  };
}

function updateKey(world: World, by: KeyCaller, key: ModelKey | null, [, , c]: Numbers): Step {
  const { managed: _, ...changes } = at(keyChanges, c);
  const body = { keyId: key?.id ?? 'key_00neverWas0000000000', ...changes };
  const error = keyRefusal(by, key, 'update_key') ?? (key?.api.deleted ? errors.noKey : undefined);
  if (error !== undefined || key === null) return { body, error };
  const bounds = boundsIn(world, key.externalId, key.api);
  if (!fits(changes, bounds, key.settings.scopes ?? [], false)) return { body, error: errors.invalid };
  if (key.state !== 'active') return { body, error: errors.retired };
  const before = key.settings;
  const after = { ...before, ...changes };
  return {
    ...{ body, data: (by.session ? shownKey : shownToCompany)({ ...key, settings: after }) },
    effect() {
      key.settings = after;
      // Another rate limit starts a new window.
      if (before.ratelimit?.limit !== after.ratelimit?.limit) key.own = 0;
      logKey(world, 'key.update', by, key);
    },
  };
}

function rerollKey(world: World, by: KeyCaller, key: ModelKey | null, [, , c, d]: Numbers): Step {
  const expiration = c % 2 === 0 ? 0 : 3_600_000;
  const body = { keyId: key?.id ?? 'key_00neverWas0000000000', expiration };
  const error = keyRefusal(by, key, 'create_key') ?? (key?.api.deleted ? errors.noKey : undefined);
  if (error !== undefined || key === null) return { body, error };
  if (key.state !== 'active') return { body, error: errors.retired };
  const successor = { ...newKey(world, key.api, key.externalId, key.settings), replaces: key };
  return {
    ...{ body, twice: d % 3 === 0, data: { keyId: text, key: text }, binds: withKey(successor) },
    effect() {
      key.state = expiration === 0 ? 'ended' : 'overlap';
      key.replacedBy = successor;
      world.keys.push(successor);
      logKey(world, 'key.reroll', by, key);
    },
  };
}

function deleteKey(world: World, by: KeyCaller, key: ModelKey | null): Step {
  const body = { keyId: key?.id ?? 'key_00neverWas0000000000' };
  const error = keyRefusal(by, key, 'delete_key') ?? (key?.api.deleted ? errors.noKey : undefined);
  if (error !== undefined || key === null) return { body, error };
  return {
    ...{ body, data: { keyId: key.id.value } },
    effect() {
      key.deleted = true;
      logKey(world, 'key.delete', by, key);
    },
  };
}

/** A key that the numbers select. The server removes keys of a deleted API after a while, so none of those. */
const keyIn = (world: World, n: number): ModelKey | null | undefined =>
  pick(
    world.keys.filter((key) => !key.api.deleted),
    n,
  );

/** A key whose secret a call has, mostly one that exists. A secret that was imported again is that of the new key. */
function keyBySecret(world: World, n: number): ModelKey | null | undefined {
  const existing = world.keys.filter((key) => !key.deleted && !key.api.deleted);
  const key = pick(n < 7 && existing.length > 0 ? existing : world.keys, n);
  return existing.find(({ secret }) => secret.value === key?.secret.value) ?? key;
}

/** A window or a quota that holds, with what is used of it. */
interface Limit {
  rate: Rate;
  used: number;
  add(cost: number): void;
}

function limitsOf(world: World, key: ModelKey, { keyRate, userRate }: Bounds): Limit[] {
  const { ratelimit } = key.settings;
  const owner = world.user(key.externalId);
  const limits: Limit[] = [];
  if (ratelimit && (keyRate === undefined || ratelimit.limit < keyRate.limit))
    limits.push({ rate: ratelimit, used: key.own, add: (cost) => (key.own += cost) });
  if (keyRate) limits.push({ rate: keyRate, used: key.ofPolicy, add: (cost) => (key.ofPolicy += cost) });
  const used = owner.rate.get(key.api) ?? 0;
  if (userRate) limits.push({ rate: userRate, used, add: (cost) => owner.rate.set(key.api, used + cost) });
  return limits;
}

/** A verification: its request, its result, and what it changes at once. */
function verification(world: World, [a, , c, d]: Numbers) {
  const key = keyBySecret(world, a);
  if (key === undefined) return undefined;
  const ip = at([undefined, '192.0.2.1', '198.51.100.7'], d);
  const scopes = at([undefined, undefined, ['read'], ['read', 'write']], c);
  const cost = at([1, 1, 2, 0, 1], c + d);
  const other = c === 8 ? world.apis.find((api) => api !== key?.api) : undefined;
  const request = {
    key: key?.secret ?? 'never_was',
    ...(ip !== undefined && { ip }),
    ...(scopes !== undefined && { scopes }),
    ...(cost !== 1 && { cost }),
    ...(other !== undefined && { apiId: other.id }),
  };
  if (key === null || key.deleted || key.api.deleted || other !== undefined)
    return { request, result: { valid: false, code: 'NOT_FOUND' }, effect() {} };
  const { externalId, api, settings } = key;
  const bounds = boundsIn(world, externalId, api);
  const own = (settings.scopes ?? []).filter((scope) => bounds.scopes?.includes(scope) ?? true);
  const used = world.user(externalId).quota.get(api) ?? 0;
  const limits = limitsOf(world, key, bounds);
  const need = Math.max(cost, 1);
  let code = 'VALID';
  if (settings.enabled === false) code = 'DISABLED';
  else if (key.state === 'ended') code = 'EXPIRED';
  else if (!mayComeFrom(ip, listOrNone(settings.ipRanges), bounds)) code = 'FORBIDDEN';
  else if (scopes?.some((scope) => !own.includes(scope))) code = 'INSUFFICIENT_PERMISSIONS';
  else if (limits.some((limit) => limit.used + need > limit.rate.limit)) code = 'RATE_LIMITED';
  else if (bounds.quota && used + need > bounds.quota.limit) code = 'USAGE_EXCEEDED';
  const counted = code === 'VALID' ? cost : 0;
  const isLimited = ['VALID', 'RATE_LIMITED', 'USAGE_EXCEEDED'].includes(code);
  const left = (limit: number, before: number) => Math.max(limit - before - counted, 0);
  const [tightest] = limits.toSorted((x, y) => left(x.rate.limit, x.used) - left(y.rate.limit, y.used));
  const result = {
    ...{ valid: code === 'VALID', code, keyId: key.id.value, apiId: api.id.value, externalId },
    ...{ name: settings.name ?? undefined, meta: settings.meta ?? undefined, scopes: listOrNone(own) },
    expires: key.state === 'active' ? undefined : time,
    ratelimit:
      isLimited && tightest
        ? { ...tightest.rate, remaining: left(tightest.rate.limit, tightest.used), reset: time }
        : undefined,
    quota:
      isLimited && bounds.quota
        ? { limit: bounds.quota.limit, remaining: left(bounds.quota.limit, used), reset: time }
        : undefined,
  };
  const effect = () => {
    key.used = true;
    world.usage.push({ externalId, api, key, code, count: 1 });
    if (counted === 0) return;
    for (const limit of limits) limit.add(counted);
    if (bounds.quota) world.user(externalId).quota.set(api, used + counted);
  };
  return { request, result, effect };
}

const outcomes: Record<string, string> = {
  ...{ VALID: 'valid', RATE_LIMITED: 'rateLimited', DISABLED: 'disabled', EXPIRED: 'expired', FORBIDDEN: 'forbidden' },
  ...{ USAGE_EXCEEDED: 'usageExceeded', INSUFFICIENT_PERMISSIONS: 'insufficientPermissions' },
};

/** Verifications by outcome. */
function counts(usage: World['usage']) {
  const all: Record<string, number> = Object.fromEntries(
    ['total', ...Object.values(outcomes)].map((name) => [name, 0]),
  );
  for (const { code, count } of usage)
    for (const name of ['total', outcomes[code] as string]) all[name] = (all[name] ?? 0) + count;
  return all;
}

/** The hours that a count belongs to: the model knows only their sum. */
const anyHours: unknown = expect.any(Array);

/** A key in the list of its user, with the calls of a day. */
const listedKey = (world: World, session: ModelSession, key: ModelKey) => ({
  ...shownKey(key),
  usage: holds(session, key.api, 'read_analytics')
    ? { startTime: time, total: counts(world.usage.filter((one) => one.key === key))['total'], hours: anyHours }
    : undefined,
});

/** The sessions that a filter of the company selects, among those that have not ended. */
const filtered = (world: World, [a, b, c]: Numbers) => {
  const handled = world.sessions.filter(({ handle }) => handle.value !== undefined);
  const one = c % 4 === 0 ? handled[a % handled.length] : undefined;
  const externalId = c % 4 !== 2 ? at(users, a) : undefined;
  const slug = c % 4 !== 1 ? at(slugs, b) : undefined;
  const filter = one === undefined ? { externalId, slug } : { handle: one.handle };
  const has = (session: ModelSession) =>
    one === undefined
      ? (externalId ?? session.externalId) === session.externalId &&
        (slug ?? session.portal.slug) === session.portal.slug
      : session === one;
  const isOfPortal = one === undefined && externalId === undefined;
  return {
    filter,
    slug,
    isOfPortal,
    found: world.sessions.filter((session) => world.isAlive(session) && has(session)),
  };
};

const end = (session: ModelSession) => {
  session.state = 'ended';
};

const readAccount = 'portal.*.read_account';
const withAccount = (session: ModelSession, step: Step): Step =>
  session.permissions.includes(readAccount) ? step : { body: step.body ?? {}, error: errors.missing };

const pageSize = (n: number) => ({ limit: at([2, 1, 100], n) });

const shownEntry = ({ action, actor, externalId }: ModelEntry) => ({ action, actor, externalId });
interface Entry {
  action: string;
  actor: { type: string; externalId?: string };
  subject?: { externalId?: string };
}
/** The command line has created the workspace. */
const seenEntry = ({ action, actor, subject }: Entry) =>
  actor.type === 'cli' ? undefined : { action, actor: actor.type, externalId: actor.externalId ?? subject?.externalId };

/** Every operation of the contract. */
export const model: Record<OperationId, Plan> = {
  liveness: () => ({ data: { status: 'alive' } }),
  readiness: () => ({ data: { status: 'ready' } }),

  'apis.createApi'(world, [a, b, c, d]) {
    const api: ModelApi = {
      ...{ id: new Named(`API_${world.apis.length + 1}`), name: `API ${world.apis.length + 1}` },
      ...{ prefix: a % 3 === 1 ? 'acme_live' : undefined, policy: at(apiPolicies, b), deleted: false },
    };
    return company(world, d, 'apis.createApi', {
      body: { name: api.name, prefix: api.prefix, policy: asPolicy(api.policy) },
      twice: c === 8,
      data: { ...shownApi(api), apiId: text },
      binds: { apiId: api.id },
      effect() {
        world.apis.push(api);
        log(world, 'api.create');
      },
    });
  },
  'apis.getApi'(world, [a]) {
    const api = pick(world.apis, a);
    if (api === undefined) return undefined;
    const body = { apiId: api?.id ?? 'api_neverWas0000000000' };
    const found = api === null || api.deleted ? { error: errors.noApi } : { data: shownApi(api) };
    return { bearer: world.readerKey, body, ...found };
  },
  'apis.getScopes'(world, [a]) {
    const api = pick(world.apis, a);
    if (api === undefined) return undefined;
    const body = { apiId: api?.id ?? 'api_neverWas0000000000' };
    if (api === null || api.deleted) return { bearer: world.readerKey, body, error: errors.noApi };
    const carried = world.keys.filter((key) => key.api === api && !key.deleted && key.state !== 'ended');
    const keys = (scope: string) => carried.filter(({ settings }) => settings.scopes?.includes(scope)).length;
    const offered = api.policy.scopes ?? [];
    const gone = ['read', 'write'].filter((scope) => !offered.includes(scope) && keys(scope) > 0);
    const data = {
      ...{ apiId: api.id.value, operations: [] },
      scopes: offered.map((scope) => ({ scope, kind: 'list', keys: keys(scope) })),
      gone: gone.map((scope) => ({ scope, keys: keys(scope) })).toSorted((x, y) => y.keys - x.keys),
    };
    return { bearer: world.readerKey, body, data };
  },
  'apis.listApis': (world, [a]) => ({
    ...{ bearer: world.readerKey, body: pageSize(a) },
    data: world.apis.filter((api) => !api.deleted).map(shownApi),
  }),
  'apis.updateApi'(world, [a, b, c, d]) {
    const api = pick(world.apis, a);
    if (api === undefined) return undefined;
    const policy = c % 2 === 0 ? at(apiPolicies, b) : api?.policy;
    const name = c % 2 === 0 ? api?.name : `Renamed ${b}`;
    const changes = c % 2 === 0 ? { policy: asPolicy(policy ?? {}) ?? null } : { name };
    const body = { apiId: api?.id ?? 'api_neverWas0000000000', ...changes };
    if (api === null || api.deleted) return company(world, d, 'apis.updateApi', { body, error: errors.noApi });
    const after = { ...api, name: name ?? '', policy: policy ?? {} };
    const isChanged = JSON.stringify(shownApi(after)) !== JSON.stringify(shownApi(api));
    return company(world, d, 'apis.updateApi', {
      ...{ body, data: shownApi(after) },
      effect() {
        Object.assign(api, { name: after.name, policy: after.policy });
        if (isChanged) log(world, 'api.update');
      },
    });
  },
  'apis.deleteApi'(world, [a, b, , d]) {
    // Deleted APIs end most of what can happen, so few of these calls are for one that exists.
    const api = pick(world.apis, b < 5 ? never : a);
    if (api === undefined) return undefined;
    const body = { apiId: api?.id ?? 'api_neverWas0000000000' };
    if (api === null || api.deleted) return company(world, d, 'apis.deleteApi', { body, error: errors.noApi });
    return company(world, d, 'apis.deleteApi', {
      ...{ body, data: { apiId: api.id.value } },
      effect() {
        api.deleted = true;
        log(world, 'api.delete');
      },
    });
  },
  'apis.listKeys'(world, [a, b, c, d]) {
    const api = pick(world.apis, a);
    if (api === undefined) return undefined;
    const externalId = b % 2 === 0 ? at(users, b) : undefined;
    const state = at([undefined, undefined, 'enabled', 'disabled', 'expired'], c);
    const body = { apiId: api?.id ?? 'api_neverWas0000000000', externalId, state, ...pageSize(d) };
    if (api === null || api.deleted) return { bearer: world.readerKey, body, error: errors.noApi };
    const stateOf = (key: ModelKey) =>
      key.state === 'ended' ? 'expired' : (key.settings.enabled ?? true) ? 'enabled' : 'disabled';
    const keys = world.keys.filter(
      (key) =>
        key.api === api &&
        !key.deleted &&
        (externalId ?? key.externalId) === key.externalId &&
        (state ?? stateOf(key)) === stateOf(key),
    );
    return { bearer: world.readerKey, body, data: keys.map(shownToCompany) };
  },

  'portal.createConfiguration'(world, [a, b, c, d]) {
    const slug = at(slugs, a);
    const chosen = [pick(world.apis, b), c < 5 ? pick(world.apis, b + 1) : undefined];
    const apis = [...new Set(chosen.filter((api) => api != null))];
    const openapiUrl = c === 6 ? 'http://localhost:1/openapi.json' : undefined;
    const body = { slug, apiIds: apis.map((api) => api.id), openapiUrl };
    const call = (step: Step) => company(world, d, 'portal.createConfiguration', { body, ...step });
    if (apis.some((api) => api.deleted)) return call({ error: errors.invalid });
    if (world.portalBySlug(slug)) return call({ error: 'unkey/data/portal_config_already_exists' });
    const portal: ModelPortal = {
      ...{ id: new Named(`PORTAL_${world.portals.length + 1}`), slug, name: undefined, openapiUrl, apis },
      ...{ enabled: true, version: 1, epoch: 0, deleted: false },
    };
    return call({
      twice: c === 8,
      data: { ...shownPortal(portal), portalId: text },
      binds: { portalId: portal.id },
      effect() {
        world.portals.push(portal);
        log(world, 'portal.create');
      },
    });
  },
  'portal.getConfiguration'(world, [a, b]) {
    const portal = pick(world.portals, a);
    if (portal === undefined) return undefined;
    const isById = b % 2 === 0;
    const found = isById ? portal : portal && world.portalBySlug(portal.slug);
    const body = { portal: (isById ? portal?.id : portal?.slug) ?? 'never-was' };
    const exists = found && !found.deleted;
    return { bearer: world.readerKey, body, ...(exists ? { data: shownPortal(found) } : { error: errors.noPortal }) };
  },
  'portal.listConfigurations': (world, [a]) => ({
    ...{ bearer: world.readerKey, body: pageSize(a) },
    data: world.portals.filter((portal) => !portal.deleted).map(shownPortal),
  }),
  'portal.updateConfiguration'(world, [a, b, c, d]) {
    const portal = pick(world.portals, a);
    if (portal === undefined) return undefined;
    const added = world.apis[c % Math.max(world.apis.length, 1)];
    const apis = [...new Set([...(portal?.apis ?? []), ...(added ? [added] : [])])];
    const changes: Partial<Pick<ModelPortal, 'enabled' | 'apis'>> & { name?: string | null } = at(
      [{ enabled: false }, { enabled: true }, { name: 'Renamed' }, { name: null }, { apis }, { apis: [] }],
      b,
    );
    const { apis: changed, ...others } = changes;
    const apiIds = changed === undefined ? {} : { apiIds: changed.map((api) => api.id) };
    const isStale = c === 8;
    const version = (portal?.version ?? 1) + (isStale ? 1 : 0);
    const body = { portal: portal?.id ?? 'never-was', version, ...others, ...apiIds };
    const call = (step: Step) => company(world, d, 'portal.updateConfiguration', { body, ...step });
    if (portal === null || portal.deleted) return call({ error: errors.noPortal });
    if (isStale) return call({ error: 'unkey/data/portal_config_version_conflict' });
    if (changed?.some((api) => api.deleted && !portal.apis.includes(api))) return call({ error: errors.invalid });
    const after = { ...portal, ...changes, name: ('name' in changes ? changes.name : portal.name) ?? undefined };
    const isChanged = JSON.stringify(shownPortal(after)) !== JSON.stringify(shownPortal(portal));
    if (!isChanged) return call({ data: shownPortal(portal) });
    after.version += 1;
    // All of its sessions end.
    if (portal.enabled && !after.enabled) after.epoch += 1;
    return call({
      data: shownPortal(after),
      effect() {
        Object.assign(portal, after);
        log(world, 'portal.update');
      },
    });
  },
  'portal.deleteConfiguration'(world, [a, b, , d]) {
    const portal = pick(world.portals, b < 4 ? never : a);
    if (portal === undefined) return undefined;
    const body = { portal: portal?.id ?? 'never-was' };
    if (portal === null || portal.deleted)
      return company(world, d, 'portal.deleteConfiguration', { body, error: errors.noPortal });
    return company(world, d, 'portal.deleteConfiguration', {
      ...{ body, data: { portalId: portal.id.value } },
      effect() {
        portal.deleted = true;
        log(world, 'portal.delete');
      },
    });
  },

  'portal.createSession'(world, [a, b, c, d]) {
    const portal = world.portalBySlug(a === never ? 'never-was' : at(slugs, a));
    if (portal === undefined && a !== never) return undefined;
    const n = world.sessions.length + 1;
    const first = world.apis[0];
    const all = [...actions.map((action) => `api.*.${action}`), readAccount];
    const one = first?.id.value ? ['read_key', 'create_key'].map((action) => `api.${first.id.value}.${action}`) : all;
    const permissions = at([all, all, all, all.slice(0, 4), ['api.*.read_key'], one], c);
    const session = {
      ...{
        person: `person-${n}`,
        portal: portal as ModelPortal,
        externalId: at(users, b),
        permissions,
        preview: c === 7,
      },
      ...{ epoch: portal?.epoch ?? 0, sessionId: new Named(`SESSION_${n}`), token: new Named(`TOKEN_${n}`) },
      ...{ handle: new Named(`HANDLE_${n}`), state: 'pending' as const },
    };
    const { externalId, preview, person } = session;
    const body = { slug: portal?.slug ?? 'never-was', externalId, permissions, preview, actor: { id: person } };
    const call = (step: Step) => company(world, d, 'portal.createSession', { body, ...step });
    if (portal === undefined) return call({ error: errors.noPortal });
    if (!portal.enabled) return call({ error: errors.forbidden });
    return call({
      twice: d === 8,
      data: { sessionId: text, url: text, expiresAt: time },
      binds: { sessionId: session.sessionId },
      effect() {
        world.sessions.push(session);
        world.user(externalId);
        log(world, 'session.create', 'root_key', { externalId, portal });
      },
    });
  },
  'portal.exchangeSession'(world, [a, b]) {
    const all = world.sessions;
    const session = a === never ? null : all[all.length - 1 - (a % all.length)];
    if (session === undefined) return undefined;
    const sessionId = session?.sessionId ?? 'pst_neverWas000000000000000000';
    const error =
      session === null ? 'unkey/authentication/portal_session_not_found' : world.refusal(session, 'pending');
    if (error !== undefined || session === null) return { body: { sessionId }, error };
    return {
      ...{ body: { sessionId }, twice: b % 3 === 0, data: { token: text, expiresAt: time } },
      binds: { token: session.token },
      effect() {
        session.state = 'active';
        log(world, 'session.exchange', 'user', { externalId: session.externalId, portal: session.portal });
      },
    };
  },
  'portal.getSession': (world, [a]) =>
    user(world, a, ({ externalId, person, permissions, preview, portal }) => {
      const has = (...wanted: string[]) => permissions.some((one) => wanted.includes(one.split('.')[2] as string));
      const tabs = [
        ...(has('read_key', 'create_key', 'update_key', 'delete_key') ? ['keys'] : []),
        ...(has('read_analytics') ? ['analytics'] : []),
        'docs',
        ...(has('read_account') ? ['account'] : []),
      ];
      const { slug, name } = portal;
      const shown = { slug, name, branding: { primaryColor: '#2563eb' } };
      return {
        data: { externalId, actor: { id: person }, permissions, preview, tabs, expiresAt: time, portal: shown },
      };
    }),
  'portal.endSession': (world, [a]) =>
    user(world, a, (session) => ({
      data: {},
      effect() {
        end(session);
        log(world, 'session.end', 'user', { externalId: session.externalId, portal: session.portal });
      },
    })),
  'portal.listUserSessions': (world, [a, b]) =>
    user(world, a, (session) => {
      const own = world.sessions.filter(
        (one) => world.isAlive(one) && one.externalId === session.externalId && one.portal === session.portal,
      );
      const step = sessionList(own, (one) => ({ ...shownSession(one), current: one === session }));
      return withAccount(session, { body: pageSize(b), ...step });
    }),
  'portal.endOtherSessions': (world, [a, b]) =>
    user(world, a, (session) => {
      const all = b % 3 === 0;
      const { externalId, portal } = session;
      const ending = world.sessions.filter(
        (one) =>
          world.isAlive(one) && one.externalId === externalId && one.portal === portal && (all || one !== session),
      );
      return withAccount(session, {
        ...{ body: all ? { all } : {}, data: { ended: ending.length } },
        effect() {
          ending.forEach(end);
          for (const _ of ending) log(world, 'session.end', 'user', { externalId, portal });
        },
      });
    }),
  'portal.listAuditEntries': (world, [a, b]) =>
    user(world, a, (session) => {
      const { externalId, portal } = session;
      const own = world.audit.filter(
        (entry) =>
          entry.externalId === externalId &&
          (entry.portal ?? portal) === portal &&
          (entry.api === undefined || portal.apis.includes(entry.api)),
      );
      const data = own.map(({ action, actor }) => ({ action, actor }));
      return withAccount(session, {
        body: pageSize(b),
        data,
        see: ({ action, actor }: Entry) => ({ action, actor: actor.type }),
      });
    }),
  'portal.listApis': (world, [a]) =>
    user(world, a, (session) => ({
      data: apisOf(session, ...actions).map((api) => {
        const { id, name, prefix, policy } = api;
        const bounds = boundsIn(world, session.externalId, api);
        const offered = bounds.scopes ?? policy.scopes ?? [];
        return {
          ...{ apiId: id.value, name, prefix, actions: actions.filter((action) => holds(session, api, action)) },
          scopes: offered.map((scope) => ({ scope, kind: 'list' })),
          policy: asPolicy({ ...bounds, scopes: listOrNone(bounds.scopes) }),
        };
      }),
    })),
  'portal.getLimits': (world, [a]) =>
    user(world, a, (session) => ({
      data: apisOf(session, ...actions).map((api) => {
        const { userRate, quota } = boundsIn(world, session.externalId, api);
        const owner = world.users.get(session.externalId);
        const left = (limit: number, used = 0) => ({ remaining: Math.max(limit - used, 0), reset: time });
        return {
          apiId: api.id.value,
          ratelimit: userRate && { ...userRate, ...left(userRate.limit, owner?.rate.get(api)) },
          quota: quota && { ...quota, ...left(quota.limit, owner?.quota.get(api)) },
        };
      }),
    })),
  'portal.getOpenapiDocument': (world, [a]) =>
    user(world, a, ({ portal }) => ({
      error: `unkey/data/openapi_document_${portal.openapiUrl === undefined ? 'not_found' : 'unavailable'}`,
    })),
  'portal.listKeys': (world, [a, b, c, d]) =>
    user(world, a, (session) => {
      const api = c < 5 ? undefined : pick(world.apis, b);
      const enabled = at([undefined, undefined, true, false], c);
      const body = {
        ...(api !== undefined && { apiId: api?.id ?? 'api_neverWas0000000000' }),
        enabled,
        ...pageSize(d),
      };
      if (api !== undefined) {
        if (api === null || api.deleted || !session.portal.apis.includes(api)) return { body, error: errors.noApi };
        if (!holds(session, api, 'read_key')) return { body, error: errors.missing };
      } else if (
        !holds(session, undefined, 'read_key') &&
        !session.portal.apis.some((one) => holds(session, one, 'read_key'))
      )
        return { body, error: errors.missing };
      const apis = apisOf(session, 'read_key');
      const keys = world
        .keysOf(session.externalId)
        .filter((key) => apis.includes(key.api) && (api === undefined || key.api === api))
        .filter(({ settings }) => (enabled ?? settings.enabled ?? true) === (settings.enabled ?? true));
      return { body, data: keys.map((key) => listedKey(world, session, key)) };
    }),
  'portal.createKey': (world, numbers) =>
    user(world, numbers[0], (session) => {
      const api = pick(numbers[1] % 4 === 3 ? world.apis : session.portal.apis, numbers[1]);
      return api === undefined ? undefined : createKey(world, { session }, session.externalId, api, numbers);
    }),
  'portal.updateKey': (world, numbers) =>
    user(world, numbers[0], (session) => {
      const key = keyIn(world, numbers[1]);
      return key === undefined ? undefined : updateKey(world, { session }, key, numbers);
    }),
  'portal.deleteKey': (world, numbers) =>
    user(world, numbers[0], (session) => {
      const key = keyIn(world, numbers[1]);
      return key === undefined ? undefined : deleteKey(world, { session }, key);
    }),
  'portal.rerollKey': (world, numbers) =>
    user(world, numbers[0], (session) => {
      const key = keyIn(world, numbers[1]);
      return key === undefined ? undefined : rerollKey(world, { session }, key, numbers);
    }),
  'portal.getVerifications': (world, [a, b, c]) =>
    user(world, a, (session) => {
      const key = c < 6 ? undefined : keyIn(world, b);
      const now = Date.now();
      const body = {
        startTime: now - 3_600_000,
        endTime: now + 120_000,
        ...(key !== undefined && { keyId: key?.id ?? 'key_00neverWas0000000000' }),
      };
      const mayRead = (api?: ModelApi) => holds(session, api, 'read_analytics');
      if (!mayRead() && !session.portal.apis.some(mayRead)) return { body, error: errors.missing };
      const error = key === undefined ? undefined : keyRefusal({ session }, key, 'read_analytics');
      if (error !== undefined) return { body, error };
      const apis = apisOf(session, 'read_analytics');
      const own = world.usage.filter(
        (one) => one.externalId === session.externalId && apis.includes(one.api) && (key == null || one.key === key),
      );
      const top = [...Map.groupBy(own, (one) => one.key)].filter(([one]) => !one.deleted);
      const data = {
        totals: counts(own),
        topKeys: top.map(([one, usage]) => ({ keyId: one.id.value, total: counts(usage)['total'] })),
      };
      const see = ({ totals, topKeys }: { totals: object; topKeys: { keyId: string; total: number }[] }) => ({
        totals,
        topKeys: topKeys.map(({ keyId, total }) => ({ keyId, total })).toSorted((x, y) => (x.keyId < y.keyId ? -1 : 1)),
      });
      data.topKeys.sort((x, y) => (String(x.keyId) < String(y.keyId) ? -1 : 1));
      return { body, data, see };
    }),

  'keys.createKey'(world, numbers) {
    const [a, b, , d] = numbers;
    const api = pick(world.apis, a);
    return api === undefined
      ? undefined
      : company(world, d, 'keys.createKey', createKey(world, {}, at(users, b), api, numbers));
  },
  'keys.getKey'(world, [a]) {
    const key = keyIn(world, a);
    if (key === undefined) return undefined;
    const body = { keyId: key?.id ?? 'key_00neverWas0000000000' };
    const error = keyRefusal({}, key, 'read_key');
    return { bearer: world.readerKey, body, ...(error || key === null ? { error } : { data: shownToCompany(key) }) };
  },
  'keys.updateKey'(world, numbers) {
    const key = keyIn(world, numbers[0]);
    return key === undefined
      ? undefined
      : company(world, numbers[3], 'keys.updateKey', updateKey(world, {}, key, numbers));
  },
  'keys.deleteKey'(world, numbers) {
    const key = keyIn(world, numbers[0]);
    return key === undefined ? undefined : company(world, numbers[3], 'keys.deleteKey', deleteKey(world, {}, key));
  },
  'keys.rerollKey'(world, numbers) {
    const key = keyIn(world, numbers[0]);
    return key === undefined
      ? undefined
      : company(world, numbers[3], 'keys.rerollKey', rerollKey(world, {}, key, numbers));
  },
  'keys.importKeys'(world, [a, b, c, d]) {
    const api = pick(world.apis, a);
    if (api === undefined) return undefined;
    const plaintext = `imported_${c % 3}`;
    const externalId = at(users, b);
    const start = `imp_${c % 3}`;
    const hash = createHash('sha256').update(plaintext).digest('hex');
    const body = { apiId: api?.id ?? 'api_neverWas0000000000', keys: [{ hash, start, externalId }] };
    const call = (step: Step) => company(world, d, 'keys.importKeys', { body, ...step });
    if (api === null || api.deleted) return call({ error: errors.noApi });
    const taken = world.keys.find((key) => key.secret.value === plaintext && !key.deleted);
    // The server removes the keys of a deleted API after a while.
    if (taken?.api.deleted) return undefined;
    const one = (result: object) => call({ data: { keys: [result] } });
    const failed = { status: 'failed', error: expect.anything() };
    if (!fits({}, boundsIn(world, externalId, api), [], true)) return one(failed);
    if (taken !== undefined) {
      const isSame = taken.api === api && taken.externalId === externalId;
      return one(isSame ? { status: 'exists', keyId: taken.id.value } : failed);
    }
    if (world.activeKeys(externalId, api) >= maxKeys) return one(failed);
    const key = { ...newKey(world, api, externalId, {}, new Named(`IMPORTED_${c % 3}`, plaintext)), start };
    return call({
      data: { keys: [{ status: 'created', keyId: text }] },
      binds: { 'keys.0.keyId': key.id },
      effect() {
        world.user(externalId);
        world.keys.push(key);
        logKey(world, 'key.import', {}, key);
      },
    });
  },
  'keys.verifyKey'(world, numbers) {
    const planned = verification(world, numbers);
    return (
      planned &&
      company(world, 0, 'keys.verifyKey', { body: planned.request, data: planned.result, effect: planned.effect })
    );
  },
  'keys.verifyKeys'(world, [a, b, c, d]) {
    const one = verification(world, [a, b, c, d]);
    const other = verification(world, [a === never ? never : a + 1, b, c, d]);
    if (one === undefined || other === undefined || world.keys.length < 2) return undefined;
    // Two keys of one user share what is left, so only the first is asked for then.
    const [first, second] = [keyBySecret(world, a), keyBySecret(world, a === never ? never : a + 1)];
    const both = first?.externalId === second?.externalId ? [one] : [one, other];
    return company(world, 0, 'keys.verifyKeys', {
      body: { keys: both.map(({ request }) => request) },
      data: { verifications: both.map(({ result }) => result) },
      effect() {
        for (const { effect } of both) effect();
      },
    });
  },
  'keys.reportVerifications'(world, [a, b]) {
    const key = keyBySecret(world, a);
    if (key === undefined) return undefined;
    const count = 1 + b;
    return company(world, 0, 'keys.reportVerifications', {
      ...{ body: { verifications: [{ key: key?.secret ?? 'never_was', count }] }, twice: true, data: {} },
      effect() {
        if (key === null || key.deleted || key.api.deleted) return;
        key.used = true;
        world.usage.push({ externalId: key.externalId, api: key.api, key, code: 'VALID', count });
      },
    });
  },

  'portal.listSessions'(world, numbers) {
    const { filter, found } = filtered(world, numbers);
    const page = 'handle' in filter ? {} : pageSize(numbers[3]);
    return { bearer: world.readerKey, body: { ...filter, ...page }, ...sessionList(found, listedSession) };
  },
  'portal.revokeSessions'(world, numbers) {
    const { filter, found, isOfPortal, slug } = filtered(world, numbers);
    return company(world, numbers[3], 'portal.revokeSessions', {
      ...{ body: filter, data: { revoked: found.length } },
      effect() {
        const portal = isOfPortal && slug !== undefined && found.length > 0 ? world.portalBySlug(slug) : undefined;
        if (isOfPortal) {
          // Their records stay until they expire, and the portal has another epoch.
          if (portal) portal.epoch += 1;
          if (portal) log(world, 'session.revoke');
          return;
        }
        for (const session of found) {
          end(session);
          log(world, 'session.revoke', 'root_key', { externalId: session.externalId, portal: session.portal });
        }
      },
    });
  },

  'identities.getIdentity'(world, [a]) {
    const externalId = at(users, a);
    const found = world.users.get(externalId);
    const body = { externalId };
    return {
      bearer: world.readerKey,
      body,
      ...(found ? { data: shownUser(world, externalId) } : { error: errors.noUser }),
    };
  },
  'identities.listIdentities'(world, [a, b]) {
    const search = b < 6 ? undefined : 'a';
    const has = (name = '') => name.toLowerCase().includes('a');
    const found = [...world.users].filter(([id, { name }]) => search === undefined || has(id) || has(name));
    return {
      ...{ bearer: world.readerKey, body: { ...pageSize(a), search } },
      data: found.map(([externalId]) => shownUser(world, externalId)),
    };
  },
  'identities.updateIdentity'(world, [a, b, c, d]) {
    const externalId = at(users, a);
    const policy = at(userPolicies, b);
    const changes = at<object>(
      [{ policy: asPolicy(policy) ?? null }, { name: 'Ada' }, { name: null }, { meta: { plan: 'pro' } }],
      c,
    );
    const before = world.users.get(externalId);
    const { name, meta } = { name: before?.name, meta: before?.meta, ...changes };
    const after = {
      name: name ?? undefined,
      meta: meta ?? undefined,
      policy: 'policy' in changes ? policy : (before?.policy ?? {}),
    };
    const shown = { identityId: text, externalId, ...after, policy: asPolicy(after.policy) };
    const data = { ...shown, createdAt: time, updatedAt: time };
    const isChanged =
      before === undefined || JSON.stringify({ ...shownUser(world, externalId) }) !== JSON.stringify(data);
    return company(world, d, 'identities.updateIdentity', {
      ...{ body: { externalId, ...changes }, data },
      effect() {
        if (isChanged) log(world, before ? 'identity.update' : 'identity.create', 'root_key', { externalId });
        Object.assign(world.user(externalId), after);
      },
    });
  },
  'identities.deleteIdentity'(world, [a, b, , d]) {
    const externalId = b < 5 ? 'never-was' : at(users, a);
    const found = world.users.get(externalId);
    const body = { externalId };
    if (found === undefined) return company(world, d, 'identities.deleteIdentity', { body, error: errors.noUser });
    return company(world, d, 'identities.deleteIdentity', {
      ...{ body, data: { identityId: text } },
      effect() {
        world.users.delete(externalId);
        const isTheirs = (one: { externalId?: string | undefined }) => one.externalId === externalId;
        world.sessions.filter(isTheirs).forEach(end);
        for (const key of world.keys.filter(isTheirs)) key.deleted = true;
        world.usage.splice(0, world.usage.length, ...world.usage.filter((one) => !isTheirs(one)));
        for (const entry of world.audit.filter(isTheirs)) entry.externalId = undefined;
        log(world, 'identity.delete');
      },
    });
  },
  'auditLogs.listEntries'(world, [a, b, c]) {
    const externalId = b < 7 ? undefined : at(users, b);
    const action = c < 6 ? undefined : world.audit[a % Math.max(world.audit.length, 1)]?.action;
    const entries = world.audit.filter(
      (entry) =>
        (externalId === undefined || entry.externalId === externalId) && (action ?? entry.action) === entry.action,
    );
    return {
      bearer: world.readerKey,
      body: { limit: at([100, 5], a), externalId, action },
      data: entries.map(shownEntry),
      see: seenEntry,
    };
  },
};

function shownUser(world: World, externalId: string) {
  const { name, meta, policy } = world.user(externalId);
  return {
    ...{ identityId: text, externalId, name, meta, policy: asPolicy(policy) },
    ...{ createdAt: time, updatedAt: time },
  };
}
