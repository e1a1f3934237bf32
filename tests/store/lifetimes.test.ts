/** How long each record lives, from the moment of the step that writes it. No step changes the lifetime of any other record. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { createKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { createApi, deleteApi, findApi, updateApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import {
  type AuthenticatedSession,
  authenticatePortalSession,
  createSession,
  endSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { reportVerifications } from '../../src/server/domain/usage/reports.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { authenticateRootKey, createRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace } from '../../src/server/domain/workspaces/workspaces.ts';
import { keys } from '../../src/server/store/keys.ts';
import { noRateLimits } from '../../src/server/store/rate-limits.ts';
import { allOnKeys, newWorkspace, ofPartition, openStore, recordKeys } from '../support/store.ts';

const day = 86_400;
const opened = await openStore({
  audit: { maxEntries: 1000, maxAgeDays: 30 },
  rateLimits: { ...noRateLimits, rootKey: 1000, session: 1000 },
});
const { store, redis } = opened;
afterAll(opened.stop);

const slug = 'lived-in';
const openapiUrl = 'https://acme.example/openapi.json';
const copy = { hash: 'hash', origins: [], url: openapiUrl, fetchedAt: 1, stale: false };
const repeatKey = 'a secret of the caller';

/** What the steps pass on. */
let workspaceId = '';
let secret = '';
let sessionId = '';
let token = '';
let apiId = '';
let key = '';
let keyId = '';
let portalId = '';
let session: AuthenticatedSession;
const rootKey = () => authenticateRootKey(store, secret);
const source = () => ({ workspaceId, portalId, openapiUrl, urlHash: 'hash' });

/** The first part of a record's name, which says what it is. */
const kindOf = (name: string) => String(name.split(':')[0]);

/** When each record expires, in Unix ms; -1 for a record that does not. */
async function expiries(): Promise<Map<string, number>> {
  const records = [...(await recordKeys(opened, workspaceId))];
  const times = await Promise.all(records.map(([, key]) => redis.pExpireTime(key)));
  return new Map(records.map(([name], i) => [name, Number(times[i])]));
}

const now = async () => {
  const [seconds = '0', microseconds = '0'] = (await redis.sendCommand(['TIME'])) as unknown as string[];
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
};

const expireIn = (seconds: number) => updateKey(store, session, keyId, { expires: Date.now() + seconds * 1000 }, 10);
const forever = -1;
const keysLive = (seconds: number) =>
  Object.fromEntries(
    ['api-key', 'key-id', 'user-key-order', 'user-key-ends', 'user-key-expiry', 'user-quota'].map((kind) => [
      kind,
      seconds,
    ]),
  );
/** The counts of scopes live as long as the last key that has scopes. */
const scopesLive = (seconds: number) => ({ 'scope-counts': seconds, 'scope-ends': seconds });
/** A process gives a log its lifetime with the first of its entries, and an hour more. */
const logs = 30 * day + 3600;
/** A list of sessions lives two hours longer than its last session can. */
const lists = 900 + day + 7200;
/** By step: what it does, and the lifetime that it gives to each kind of record, in seconds. */
const steps: [name: string, act: () => Promise<unknown>, lifetimes: Record<string, number>][] = [
  [
    'createWorkspace',
    async () => {
      ({ workspaceId, rootKey: secret } = await createWorkspace(store, { name: 'Acme' }, commandLine));
    },
    {
      ...{
        workspace: forever,
        'root-keys': forever,
        'root-key-records': forever,
        'root-key-ids': forever,
        audit: logs,
      },
      ...{ control: forever, published: forever, 'control-seen': forever },
    },
  ],
  ['the first call with a root key', rootKey, { 'root-key-calls': 60 }],
  ['a second call with the root key', rootKey, {}],
  ['createRootKey', () => createRootKey(store, { workspaceId }, commandLine), {}],
  [
    'createApi',
    async () => {
      ({ apiId } = await createApi(store, workspaceId, { name: 'API', policy: { scopes: ['read'] } }, commandLine));
    },
    { apis: forever, 'api-order': forever, quota: forever },
  ],
  [
    'createPortal',
    async () => {
      const settings = { slug, apiIds: [apiId], openapiUrl };
      ({ portalId } = await createPortal(store, workspaceId, settings, commandLine));
    },
    { portals: forever, 'portal-slugs': forever, 'portal-order': forever },
  ],
  [
    'createSession',
    async () => {
      const request = { slug, externalId: 'user', permissions: allOnKeys, preview: false };
      ({ sessionId } = await createSession(store, await rootKey(), request, {}));
    },
    {
      ...{ session: 900, 'portal-sessions': lists, 'user-sessions': lists },
      ...{ 'partition-quota': forever, 'session-audit': logs, identity: forever, identities: forever },
    },
  ],
  [
    'exchangeSession',
    async () => {
      ({ token } = await exchangeSession(store, sessionId, {}, repeatKey));
    },
    { session: day },
  ],
  ['exchangeSession again', () => exchangeSession(store, sessionId, {}, repeatKey), {}],
  [
    'the first call in a browser session',
    async () => {
      session = await authenticatePortalSession(store, [token]);
    },
    { 'session-calls': 60 },
  ],
  ['a second call in the browser session', () => authenticatePortalSession(store, [token]), {}],
  [
    'createKey',
    async () => {
      // The record stays for 30 days after the end of the key, and the indexes as long as their last key.
      ({ key, keyId } = await createKey(
        store,
        session,
        { apiId, ratelimit: { limit: 5, duration: 45_000 }, scopes: ['read'] },
        10,
      ));
    },
    { ...keysLive(forever), 'api-key-order': forever, 'scope-counts': forever },
  ],
  ['updateKey to an expiry', () => expireIn(day), { ...keysLive(31 * day), 'key-ends': forever, ...scopesLive(day) }],
  ['updateKey to an earlier expiry', () => expireIn(60), { ...keysLive(30 * day + 60), ...scopesLive(60) }],
  [
    'updateKey to no expiry',
    () => updateKey(store, session, keyId, { expires: null }, 10),
    { ...keysLive(forever), 'scope-counts': forever },
  ],
  ['updateKey to another name', () => updateKey(store, session, keyId, { name: 'Named' }, 10), {}],
  [
    'createKey with an Idempotency-Key',
    async () => {
      const request = { operationId: 'portal.createKey', requestId: 'req_1', key: 'k', body: {}, credential: token };
      await createKey(store, session, { apiId }, 10, request);
    },
    {
      ...{ 'api-key': forever, 'key-id': forever },
      // As long as the session, in Unix ms.
      get 'session-response'() {
        return session.expiresAt;
      },
      get 'stored-responses'() {
        return session.expiresAt;
      },
    },
  ],
  [
    'the first verification',
    async () => verifyKey(store, await rootKey(), { key }),
    { 'api-key-rate': 45, 'usage-log': forever, 'usage-work': forever },
  ],
  ['a second verification', async () => verifyKey(store, await rootKey(), { key }), {}],
  [
    'the first verification under a policy',
    async () => {
      const [ratelimit, quota] = [
        { limit: 9, duration: 50_000 },
        { limit: 9, period: 'month' },
      ];
      await updateApi(store, workspaceId, apiId, { policy: { perUser: { ratelimit, quota } } }, commandLine);
      await verifyKey(store, await rootKey(), { key });
    },
    {
      'user-rate': 50,
      // The end of the month, in Unix ms.
      get 'quota-use'() {
        const today = new Date();
        return Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1);
      },
    },
  ],
  ['a report', async () => reportVerifications(store, await rootKey(), 'name', [{ key, count: 2 }]), { report: 300 }],
  ['the same report again', async () => reportVerifications(store, await rootKey(), 'name', [{ key, count: 2 }]), {}],
  [
    'a request that is under way',
    async () => store.idempotency.begin(await rootKey(), 'name', 'req_1'),
    { idempotency: 30 },
  ],
  [
    'a request that is done',
    async () => store.idempotency.finish(await rootKey(), 'name', 'req_1', { bodyHash: '', response: '' }),
    { idempotency: day },
  ],
  ['the same request again', async () => store.idempotency.begin(await rootKey(), 'name', 'req_2'), {}],
  ['a fetch of a document', () => store.openapiDocuments.begin(source(), 'one', undefined), { 'openapi-attempt': 25 }],
  [
    'the end of the fetch',
    () => store.openapiDocuments.keep(source(), 'one', copy, { json: Buffer.from('{}'), scopes: '{}' }),
    { 'openapi-document': 30 * day },
  ],
  ['a second fetch', () => store.openapiDocuments.begin(source(), 'two', copy), { 'openapi-attempt': 25 }],
  ['its failure', () => store.openapiDocuments.fail(source(), 'two', 'reason'), { 'openapi-attempt': 30 }],
  [
    'the catalogue of an API',
    async () => {
      const api = await findApi(store, workspaceId, apiId);
      const catalogue = { scopes: [], operations: [], omitted: { scopes: 0, operations: 0 } };
      await store.scopes.keep(workspaceId, api, { ...api, catalogue: 'hash' }, catalogue);
    },
    { 'scope-catalogues': forever },
  ],
  [
    'the begin of an erasure',
    () => {
      const erasure = { workspaceId, externalId: 'nobody', identityId: 'identity_1', since: 1 };
      const entry = { action: 'identity.delete', resource: { type: 'identity', id: 'identity_1' } } as const;
      return store.erasures.begin(erasure, { ...commandLine, entry: { ...entry, actor: { type: 'cli' } } });
    },
    { erasures: forever },
  ],
  ['deleteApi', () => deleteApi(store, workspaceId, apiId, commandLine), { 'deleted-apis': forever }],
  [
    'updatePortal that disables it',
    () => updatePortal(store, workspaceId, slug, { enabled: false }, commandLine),
    { 'portal-epochs': forever },
  ],
];

interface Outcome {
  expected: Record<string, number>;
  found: Record<string, number>;
}
const outcomes = new Map<string, Outcome>();
beforeAll(async () => {
  let ended = 0;
  for (const [name, act, expected] of steps) {
    const before = await expiries();
    let begun = await now();
    // A lifetime that begins again in the same millisecond would look like the old one.
    while (begun === ended) begun = await now();
    await act();
    ended = await now();
    const after = await expiries();
    const found: Outcome['found'] = {};
    for (const [record, expiry] of after) {
      const kind = kindOf(record);
      if (before.get(record) === expiry) continue;
      const wanted = expected[kind] ?? Number.NaN;
      const isExact = wanted === expiry || (begun + wanted * 1000 <= expiry && expiry <= ended + wanted * 1000);
      found[kind] = isExact ? wanted : (expiry - begun) / 1000;
    }
    outcomes.set(name, { expected, found });
  }
});

test.each(steps.map(([name]) => name))('%s', (name) => {
  const { expected, found } = outcomes.get(name) as Outcome;
  expect(found).toEqual(expected);
});

test('the steps write every kind of record that a workspace can have', () => {
  const place = { workspaceId: 'ws_1', partition: 1, externalId: 'user' };
  const kinds = Object.values(keys).flatMap((nameOf) => {
    if (typeof nameOf === 'string') return [];
    const ofUser = (nameOf as (...parts: unknown[]) => string)(place, 'a', 'b');
    const name = ofUser.includes('[object') ? (nameOf as (...parts: string[]) => string)('ws_1', 'a', 'b') : ofUser;
    const [, home, own] = /^portico:\{(?:(ws_1)|\d+)\}:(?:ws_1:)?(.*)/.exec(name) ?? [];
    return own === undefined || own === ''
      ? []
      : [home === undefined ? (ofPartition[own] ?? kindOf(own)) : kindOf(own)];
  });
  const written = [...outcomes.values()].flatMap(({ found }) => Object.keys(found));
  // A user gets a policy with updateIdentity. usage-roll-up.test.ts checks what a verification becomes, with a stopped clock, and tests/migration what a migration leaves.
  expect(new Set([...written, 'usage', 'usage-apis', 'usage-top', 'migrated', 'identity-policy'])).toEqual(
    new Set(kinds),
  );
});

test('a list of sessions that was emptied and begins again has its lifetime, too', async () => {
  const { workspaceId: own, newPortal, enter, pend } = await newWorkspace(store);
  const portal = await newPortal();
  const lifetimes = async () => {
    const records = [...(await recordKeys(opened, own))].filter(([name]) => kindOf(name) === 'portal-sessions');
    return Promise.all(records.map(([, name]) => redis.ttl(name)));
  };
  const first = await enter(portal, 'user');
  expect(await lifetimes()).toEqual([lists]);
  await endSession(store, first, {});
  expect(await lifetimes()).toEqual([]);
  await pend(portal, 'user');
  expect(await lifetimes()).toEqual([lists]);
});
