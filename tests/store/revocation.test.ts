/**
 * A caller who is revoked after authentication and before the step that writes: each method that writes, with each way of
 * revoking its caller. Nothing may be written, and the error is the one that the next call would get.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sha256 } from '../../src/server/domain/credentials.ts';
import { once } from '../../src/server/domain/idempotency.ts';
import { createKey, deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { createApi, deleteApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal, deletePortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
import {
  type AuthenticatedSession,
  authenticatePortalSession,
  createSession,
  endSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { reportVerifications } from '../../src/server/domain/usage/reports.ts';
import { verifyKey, verifyKeys } from '../../src/server/domain/usage/usage.ts';
import {
  authenticateRootKey,
  cachedRootKey,
  createRootKey,
  revokeRootKey,
} from '../../src/server/domain/workspaces/root-keys.ts';
import { setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import type { Store } from '../../src/server/store/index.ts';
import { keys } from '../../src/server/store/keys.ts';
import type { RootKeyToVerify } from '../../src/server/store/proof.ts';
import { publishControl } from '../support/control.ts';
import { allOnKeys, contentsOf, interrupted, newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, redis, stop } = opened;
/** Another process, which revokes. That of the caller keeps the control data that it has read before. */
const { store: elsewhere, stop: stopElsewhere } = await openStore();
/** The same Redis, for callers whose calls are counted. */
const limited = await openStore({ rateLimits: { rootKey: 100, session: 100, exchange: 0, failedAuthentication: 0 } });
afterAll(async () => {
  await Promise.all([stop(), stopElsewhere(), limited.stop()]);
});

const page = 'https://keys.acme.example';

/** A workspace with everything that a caller could change. */
interface World extends TestWorkspace {
  apiId: string;
  slug: string;
  /** A session that a page of another origin uses, and its token. */
  session: AuthenticatedSession;
  token: string;
  keyId: string;
  key: string;
}

async function newWorld(): Promise<World> {
  const workspace = await newWorkspace(store);
  const apiId = await workspace.newApi();
  const slug = await workspace.newPortal({ apiIds: [apiId], allowedOrigins: [page] });
  const { token } = await exchangeSession(store, await workspace.pend(slug, 'user'), {});
  const session = await authenticatePortalSession(store, [token], page);
  return { ...workspace, apiId, slug, token, session, ...(await workspace.newKey(session, apiId)) };
}

/** Everything that is stored about the workspace, with the length of its audit log. */
const stored = async ({ workspaceId }: World) => ({
  ...(await contentsOf(opened, workspaceId)),
  entries: (await store.audit.follow(workspaceId, 1000)()).length,
});

/** A call that writes: the method of the store that does, and the work that calls it. */
type Call = {
  [Room in keyof Store]: [Room, keyof Store[Room], (on: Store, world: World) => Promise<unknown>];
}[keyof Store];
/** A revocation, and the error of everything that follows it. */
type Revocation = [revoke: (world: World) => Promise<unknown>, code: string];

const disableWorkspace: Revocation = [
  ({ workspaceId }) => setWorkspaceEnabled(elsewhere, workspaceId, false, commandLine),
  'unkey/authorization/workspace_disabled',
];
const update = ({ workspaceId, slug }: World, settings: Parameters<typeof updatePortal>[3]) =>
  updatePortal(elsewhere, workspaceId, slug, settings, commandLine);
const dropWorkspace = async ({ workspaceId }: World) => {
  await redis.del(keys.workspace(workspaceId));
  await publishControl(redis, workspaceId);
};
const notFound = 'unkey/authentication/portal_session_not_found';

/** Revokes the caller before the method runs, and expects that the call is refused and writes nothing. */
async function expectRefused([room, method, act]: Call, [revoke, code]: Revocation): Promise<void> {
  const world = await newWorld();
  let before: unknown;
  const racing = interrupted(store, room, method as never, async () => {
    await revoke(world);
    before = await stored(world);
  });
  await expect(act(racing, world)).rejects.toMatchObject({ code });
  expect(before).toBeDefined();
  expect(await stored(world)).toEqual(before);
}

/** A request with an Idempotency-Key. */
const repeatable = (credential: string) => ({
  ...{ operationId: 'operation', requestId: 'req_1', key: randomUUID(), body: {}, credential },
});

const byRootKey = (() => {
  const by = ({ rootKey }: World) => ({ proof: rootKey });
  const newSession = (on: Store, { slug }: World, rootKey: RootKeyToVerify) =>
    createSession(on, rootKey, { slug, externalId: 'other', permissions: allOnKeys, preview: false }, {});
  const cached = ({ secret }: World) => cachedRootKey(store, secret) as RootKeyToVerify;
  const calls: Record<string, Call> = {
    createApi: ['apis', 'create', (on, world) => createApi(on, world.workspaceId, { name: 'New' }, by(world))],
    deleteApi: ['apis', 'delete', (on, world) => deleteApi(on, world.workspaceId, world.apiId, by(world))],
    createPortal: [
      'portals',
      'create',
      (on, world) => createPortal(on, world.workspaceId, { slug: 'new', allowedOrigins: [page] }, by(world)),
    ],
    updatePortal: [
      'portals',
      'replace',
      (on, world) => updatePortal(on, world.workspaceId, world.slug, { enabled: false }, by(world)),
    ],
    deletePortal: ['portals', 'delete', (on, world) => deletePortal(on, world.workspaceId, world.slug, by(world))],
    'revokeSessions by handle': [
      'sessions',
      'end',
      (on, world) => revokeSessions(on, world.workspaceId, { handle: world.session.handle }, by(world)),
    ],
    'revokeSessions by slug': [
      'sessions',
      'endAll',
      (on, world) => revokeSessions(on, world.workspaceId, { slug: world.slug }, by(world)),
    ],
    createSession: ['sessions', 'create', (on, world) => newSession(on, world, world.rootKey)],
    'createSession with a cached root key': ['sessions', 'create', (on, world) => newSession(on, world, cached(world))],
    verifyKey: ['usage', 'verify', (on, world) => verifyKey(on, world.rootKey, { key: world.key })],
    'verifyKey with a cached root key': [
      'usage',
      'verify',
      (on, world) => verifyKey(on, cached(world), { key: world.key }),
    ],
    verifyKeys: ['rootKeys', 'countMore', (on, { rootKey, key }) => verifyKeys(on, rootKey, [{ key }, { key }])],
    reportVerifications: [
      'usage',
      'report',
      (on, { rootKey, key }) => reportVerifications(on, rootKey, randomUUID(), [{ key, count: 2 }]),
    ],
    'work with an Idempotency-Key': [
      'idempotency',
      'begin',
      (on, { rootKey, secret }) => once(on, rootKey, repeatable(secret), async () => ({})),
    ],
  };
  return calls;
})();

const revocationsOfRootKeys: Record<string, Revocation> = {
  'the root key is revoked': [
    ({ workspaceId, rootKey }) => revokeRootKey(elsewhere, workspaceId, rootKey.rootKeyId, commandLine),
    'unkey/authentication/key_not_found',
  ],
  'the workspace is disabled': disableWorkspace,
  'the workspace is gone': [dropWorkspace, 'unkey/data/workspace_not_found'],
};

describe.each(Object.entries(byRootKey))('%s by a root key is refused after', (_, call) => {
  test.each(Object.entries(revocationsOfRootKeys))('%s', async (_revocation, revocation) => {
    await expectRefused(call, revocation);
  });
});

const bySession = (() => {
  const calls: Record<string, Call> = {
    createKey: ['apiKeys', 'create', (on, { session, apiId }) => createKey(on, session, { apiId }, 10)],
    updateKey: [
      'apiKeys',
      'replace',
      (on, { session, keyId }) => updateKey(on, session, keyId, { enabled: false }, 10),
    ],
    deleteKey: ['apiKeys', 'delete', (on, { session, keyId }) => deleteKey(on, session, keyId)],
    rerollKey: ['apiKeys', 'reroll', (on, { session, keyId }) => rerollKey(on, session, { keyId, overlap: 0 })],
    endSession: ['sessions', 'end', (on, { session }) => endSession(on, session, {})],
    'the first createKey with an Idempotency-Key': [
      'idempotency',
      'find',
      (on, { session, apiId, token }) => createKey(on, session, { apiId }, 10, repeatable(token)),
    ],
    'a repeated createKey': [
      'idempotency',
      'find',
      async (on, { session, apiId, token }) => {
        const request = repeatable(token);
        await createKey(store, session, { apiId }, 10, request);
        return createKey(on, session, { apiId }, 10, request);
      },
    ],
    'a createKey that another one overtakes': [
      'apiKeys',
      'create',
      async (on, { session, apiId, token }) => {
        const request = repeatable(token);
        const overtaken = interrupted(on, 'apiKeys', 'create', () => createKey(store, session, { apiId }, 10, request));
        return createKey(overtaken, session, { apiId }, 10, request);
      },
    ],
    'a repeated rerollKey': [
      'idempotency',
      'find',
      async (on, { session, keyId, token }) => {
        const request = repeatable(token);
        await rerollKey(store, session, { keyId, overlap: 60_000 }, request);
        return rerollKey(on, session, { keyId, overlap: 60_000 }, request);
      },
    ],
  };
  return calls;
})();

const revocationsOfSessions: Record<string, Revocation> = {
  'the user logs out': [
    async ({ token }) => endSession(elsewhere, await authenticatePortalSession(elsewhere, [token]), {}),
    notFound,
  ],
  'a backend revokes the session': [
    ({ workspaceId, session, rootKey }) =>
      revokeSessions(elsewhere, workspaceId, { handle: session.handle }, { proof: rootKey }),
    notFound,
  ],
  'a backend revokes all sessions of the portal': [
    ({ workspaceId, slug, rootKey }) => revokeSessions(elsewhere, workspaceId, { slug }, { proof: rootKey }),
    notFound,
  ],
  'the session expires': [({ session }) => redis.pExpireAt(keys.session(session.ref, session.handle), 1), notFound],
  'the portal is disabled': [(world) => update(world, { enabled: false }), 'unkey/authorization/forbidden'],
  'the portal is disabled and enabled again': [
    async (world) => {
      await update(world, { enabled: false });
      await update(world, { enabled: true });
    },
    notFound,
  ],
  'the portal is deleted': [
    ({ workspaceId, slug }) => deletePortal(elsewhere, workspaceId, slug, commandLine),
    notFound,
  ],
  'the portal no longer allows the page': [
    (world) => update(world, { allowedOrigins: [] }),
    'unkey/authorization/foreign_origin',
  ],
  'the workspace is disabled': disableWorkspace,
  'the workspace is gone': [dropWorkspace, notFound],
};

describe.each(Object.entries(bySession))('%s by a session is refused after', (_, call) => {
  test.each(Object.entries(revocationsOfSessions))('%s', async (_revocation, revocation) => {
    await expectRefused(call, revocation);
  });
});

describe('a portal that loses an API after authentication', () => {
  const lose: Revocation[0] = (world) => update(world, { apiIds: [] });

  test.each([
    ['createKey', 'unkey/data/api_not_found'],
    ['updateKey', 'unkey/data/key_not_found'],
    ['deleteKey', 'unkey/data/key_not_found'],
    ['rerollKey', 'unkey/data/key_not_found'],
  ] as const)('%s writes nothing', async (name, code) => {
    await expectRefused(bySession[name] as Call, [lose, code]);
  });
});

describe('a workspace that is gone', () => {
  test.each<[string, Call]>([
    [
      'createApi',
      ['apis', 'create', (on, { workspaceId }) => createApi(on, workspaceId, { name: 'New' }, commandLine)],
    ],
    [
      'createPortal',
      ['portals', 'create', (on, { workspaceId }) => createPortal(on, workspaceId, { slug: 'new' }, commandLine)],
    ],
    [
      'deletePortal',
      ['portals', 'delete', (on, { workspaceId, slug }) => deletePortal(on, workspaceId, slug, commandLine)],
    ],
    ['createRootKey', ['rootKeys', 'create', (on, { workspaceId }) => createRootKey(on, { workspaceId }, commandLine)]],
    [
      'revokeRootKey',
      [
        'rootKeys',
        'revoke',
        (on, { workspaceId, rootKey }) => revokeRootKey(on, workspaceId, rootKey.rootKeyId, commandLine),
      ],
    ],
  ])('%s by an operator is refused', async (_, call) => {
    await expectRefused(call, [dropWorkspace, 'unkey/data/workspace_not_found']);
  });
});

test('a proof of another workspace is refused, and writes nothing in either', async () => {
  const [own, other] = [await newWorld(), await newWorld()];
  const before = [await stored(own), await stored(other)];
  const stranger = { proof: other.rootKey };
  await expect(createApi(store, own.workspaceId, { name: 'New' }, stranger)).rejects.toMatchObject({
    code: 'unkey/authentication/key_not_found',
  });
  await expect(revokeSessions(store, own.workspaceId, { handle: own.session.handle }, stranger)).rejects.toMatchObject({
    code: 'unkey/authentication/key_not_found',
  });
  expect([await stored(own), await stored(other)]).toEqual(before);
});

test('a refused update leaves no candidate in the index of origins', async () => {
  const world = await newWorld();
  const origin = `https://${randomUUID()}.example`;
  const racing = interrupted(store, 'portals', 'replace', () =>
    revokeRootKey(elsewhere, world.workspaceId, world.rootKey.rootKeyId, commandLine),
  );
  const changed = updatePortal(
    racing,
    world.workspaceId,
    world.slug,
    { allowedOrigins: [origin] },
    { proof: world.rootKey },
  );
  await expect(changed).rejects.toMatchObject({ code: 'unkey/authentication/key_not_found' });
  expect(await redis.sMembers(keys.originPortals(origin))).toEqual([]);
});

test('a root key that is revoked during its work with an Idempotency-Key gets no stored response', async () => {
  const world = await newWorld();
  const request = repeatable(world.secret);
  await once(store, world.rootKey, request, async () => ({}));
  await revokeRootKey(elsewhere, world.workspaceId, world.rootKey.rootKeyId, commandLine);
  await expect(once(store, world.rootKey, request, async () => ({}))).rejects.toMatchObject({
    code: 'unkey/authentication/key_not_found',
  });
});

test('a call that was counted at its authentication is not counted again where it writes', async () => {
  const world = await newWorld();
  const session = await authenticatePortalSession(limited.store, [world.token]);
  await createKey(limited.store, session, { apiId: world.apiId }, 10);
  const rootKey = await authenticateRootKey(limited.store, world.secret);
  await createApi(limited.store, world.workspaceId, { name: 'New' }, { proof: rootKey });
  const records = [
    keys.sessionCalls(session.ref, session.handle),
    keys.rootKeyCalls(world.workspaceId, sha256(world.secret)),
  ];
  const calls = await Promise.all(records.map((record) => redis.hmGet(record, ['counted', 'lent'])));
  expect(calls.map(([counted, lent]) => Number(counted) - Number(lent))).toEqual([1, 1]);
});
