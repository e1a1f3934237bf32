/** createKey and rerollKey with an Idempotency-Key: one key for any number of requests, and nothing secret in Redis. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import type { RepeatableRequest } from '../../src/server/domain/idempotency.ts';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import type { KeySettings } from '../../src/server/domain/keys/key-settings.ts';
import { createKey, deleteKey, rerollKey } from '../../src/server/domain/keys/keys.ts';
import { deleteApi } from '../../src/server/domain/portals/apis.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { contentsOf, interrupted, newWorkspace, openStore, recordKeys, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, redis, stop } = opened;
afterAll(stop);

const reused = { code: 'user/idempotency/key_reused' };
const limitExceeded = { code: 'unkey/data/key_limit_exceeded' };
/** The token that the requests of a test come with. Its session is looked up elsewhere. */
const token = 'ps_abcdefghijkl1r8DEXAMPLEonlyNeverARealOne';

let workspace: TestWorkspace;
let apiId: string;
let slug: string;
beforeAll(async () => {
  workspace = await newWorkspace(store);
  apiId = await workspace.newApi('pay');
  slug = await workspace.newPortal({ apiIds: [apiId] });
});

let made = 0;
/** A request with an Idempotency-Key of its own. */
const newRequest = (operationId: string): RepeatableRequest => ({
  operationId,
  requestId: `req_${++made}`,
  key: `key ${made}`,
  body: { apiId },
  credential: token,
});

/** The two operations, on a new user, as one: `create` sends the request. The limit of keys just allows it. */
async function arrange(operationId: 'portal.createKey' | 'portal.rerollKey', overlap = 0) {
  const session = await workspace.enter(slug, `user_${++made}`);
  const old = await workspace.newKey(session, apiId);
  const request = newRequest(operationId);
  const create = (over: Partial<RepeatableRequest> = {}, on = store, settings: KeySettings = {}) =>
    operationId === 'portal.createKey'
      ? createKey(on, session, { apiId, ...settings }, 2, { ...request, ...over })
      : rerollKey(on, session, { keyId: old.keyId, overlap }, { ...request, ...over });
  const keysOf = async () => (await listKeys(store, session, {})).keys.map(({ keyId }) => keyId);
  const codeOf = async (key: string) => (await verifyKey(store, workspace.rootKey, { key })).code;
  return {
    session,
    old,
    request,
    create,
    keysOf,
    codeOf,
    method: operationId.includes('create') ? 'create' : 'reroll',
  } as const;
}

const both = ['portal.createKey', 'portal.rerollKey'] as const;

describe.each(both)('%s with the same Idempotency-Key', (operationId) => {
  test('returns the same key, which works, and creates no other, also at the limit of keys', async () => {
    const { create, keysOf, codeOf, old } = await arrange(operationId);
    const first = await create();
    expect(await create({ requestId: 'req_other' })).toEqual(first);
    expect(await create()).toEqual(first);
    expect(first.key).toMatch(/^pay_[0-9A-Za-z]{33}$/);
    expect(new Set(await keysOf())).toEqual(new Set([first.keyId, old.keyId]));
    expect(await codeOf(first.key)).toBe('VALID');
  });

  test('at the same time creates one key', async () => {
    const { create, keysOf, old, method } = await arrange(operationId);
    let other: unknown;
    const racing = interrupted(store, 'apiKeys', method, async () => {
      other = await create();
    });
    expect(await create({}, racing)).toEqual(other);
    expect(await keysOf()).toHaveLength(2);
    expect(await keysOf()).toContain(old.keyId);
  });

  test('and another body is refused, also at the same time, and changes nothing', async () => {
    const { create, keysOf, method } = await arrange(operationId);
    const first = await create();
    await expect(create({ body: { apiId, name: 'Other' } })).rejects.toMatchObject(reused);
    expect(await create()).toEqual(first);
    const second = await arrange(operationId);
    const racing = interrupted(store, 'apiKeys', method, () => second.create());
    await expect(second.create({ body: {} }, racing)).rejects.toMatchObject(reused);
    expect(await keysOf()).toHaveLength(2);
    expect(await second.keysOf()).toHaveLength(2);
  });

  test('returns the same key after that key, and the old one, are deleted', async () => {
    const { create, keysOf, codeOf, session, old } = await arrange(operationId);
    const first = await create();
    await deleteKey(store, session, old.keyId);
    expect(await create()).toEqual(first);
    await deleteKey(store, session, first.keyId);
    expect(await create()).toEqual(first);
    expect(await keysOf()).toEqual([]);
    expect(await codeOf(first.key)).toBe('NOT_FOUND');
  });

  test('returns the same key after that key is rerolled', async () => {
    const { create, session } = await arrange(operationId);
    const first = await create();
    await rerollKey(store, session, { keyId: first.keyId, overlap: 0 });
    expect(await create()).toEqual(first);
  });

  test('is free again after a request that failed, also for another body', async () => {
    const { create, session, keysOf } = await arrange(operationId);
    const { apiIds } = session.portal;
    Object.assign(session, { portal: { ...session.portal, apiIds: [] } });
    await expect(create()).rejects.toMatchObject({ code: expect.stringMatching(/(api|key)_not_found$/) });
    session.portal.apiIds = apiIds;
    const first = await create({ body: { other: true } });
    expect(await create({ body: { other: true } })).toEqual(first);
    expect(await keysOf()).toHaveLength(2);
  });

  test('leaves no secret in Redis, and its record ends with the session', async () => {
    const own = await newWorkspace(store);
    const api = await own.newApi('pay');
    const session = await own.enter(await own.newPortal({ apiIds: [api] }), 'user');
    const request = newRequest(operationId);
    const old = await own.newKey(session, api);
    const { key } =
      operationId === 'portal.createKey'
        ? await createKey(store, session, { apiId: api }, 10, request)
        : await rerollKey(store, session, { keyId: old.keyId, overlap: 0 }, request);
    const everything = JSON.stringify(await contentsOf(opened, own.workspaceId));
    expect(everything).toContain('done\\n');
    for (const secret of [key.slice(-18), token.slice(-18), request.key]) expect(everything).not.toContain(secret);
    const [record] = [...(await recordKeys(opened, own.workspaceId))].filter(([name]) =>
      name.startsWith('session-response:'),
    );
    const expiry = await redis.pExpireTime(String(record?.[1]));
    expect(expiry).toBe(session.expiresAt);
  });
});

test('each operation, session and Idempotency-Key creates a key of its own', async () => {
  const { create, request, session, keysOf } = await arrange('portal.createKey');
  const other = await workspace.enter(slug, session.grant.externalId);
  const createAs = (on = session, over: Partial<RepeatableRequest> = {}) =>
    createKey(store, on, { apiId }, 100, { ...request, ...over });
  const keys = [
    await create(),
    await createAs(other),
    await createAs(session, { key: 'another' }),
    await createAs(session, { operationId: 'another' }),
  ];
  expect(new Set(keys.map(({ key }) => key)).size).toBe(4);
  expect(await keysOf()).toHaveLength(5);
});

test('a createKey that the limit refuses leaves its Idempotency-Key free', async () => {
  const { create, session } = await arrange('portal.createKey');
  const { keyId } = await workspace.newKey(session, apiId);
  await expect(create()).rejects.toMatchObject(limitExceeded);
  await deleteKey(store, session, keyId);
  expect(await create()).toEqual(await create());
});

test('a repeated createKey is not validated again: what it was created with may be over by now', async () => {
  const { create } = await arrange('portal.createKey');
  const first = await create({}, store, { expires: Date.now() + 60_000 });
  expect(await create({}, store, { expires: 1 })).toEqual(first);
});

test.each([
  ['createKey', 'portal.createKey', 'unkey/data/api_not_found'],
  ['rerollKey', 'portal.rerollKey', 'unkey/data/key_not_found'],
] as const)('a repeated %s in an API that the portal no longer has is refused', async (_, operationId, code) => {
  const { create, session } = await arrange(operationId);
  await create();
  Object.assign(session, { portal: { ...session.portal, apiIds: [] } });
  await expect(create()).rejects.toMatchObject({ code });
});

test('a repeated createKey in an API that is deleted is refused', async () => {
  const own = await newWorkspace(store);
  const api = await own.newApi();
  const session = await own.enter(await own.newPortal({ apiIds: [api] }), 'user');
  const request = newRequest('portal.createKey');
  await createKey(store, session, { apiId: api }, 10, request);
  await deleteApi(store, own.workspaceId, api, commandLine);
  const again = createKey(store, session, { apiId: api }, 10, request);
  await expect(again).rejects.toMatchObject({ code: 'unkey/data/api_not_found' });
});

test('createKey looks for a repeated request in the same round trip in which it reads the API', async () => {
  const { session, request } = await arrange('portal.createKey');
  const calls: string[] = [];
  const noted: typeof store = {
    ...store,
    apis: {
      ...store.apis,
      async find(...of) {
        calls.push('api');
        const api = await store.apis.find(...of);
        calls.push('api read');
        return api;
      },
    },
    idempotency: {
      ...store.idempotency,
      find(...of) {
        calls.push('record');
        return store.idempotency.find(...of);
      },
    },
  };
  await createKey(noted, session, { apiId }, 100, request);
  expect(calls).toEqual(['api', 'record', 'api read']);
});

test('the response to a root key is stored for a day by the clock of Redis, which may differ', async () => {
  const own = await newWorkspace(store);
  const request = newRequest('keys.createKey');
  const now = Date.now() + 3 * 86_400_000;
  opened.hooks.now = now;
  await createKey(store, own.rootKey, { apiId: await own.newApi(), externalId: 'user' }, 10, request);
  opened.hooks.now = undefined;
  const names = [...(await recordKeys(opened, own.workspaceId)).entries()];
  const [, record = ''] = names.find(([name]) => name.startsWith('session-response:')) ?? [];
  expect(await redis.pExpireTime(record)).toBe(now + 86_400_000);
});
