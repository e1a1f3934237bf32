/**
 * Control data that processes cache: a change is in force on the next call of every process once it is acknowledged, and a change
 * whose process dies, or that does not reach every partition, is completed by another one.
 */
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sessionRef } from '../../src/server/domain/credentials.ts';
import { deleteApi } from '../../src/server/domain/portals/apis.ts';
import { deletePortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
import {
  authenticatePortalSession,
  createSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { startControlChecks } from '../../src/server/domain/workspaces/control-checks.ts';
import { cachedRootKey, revokeRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import type { Store } from '../../src/server/store/index.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionsOf } from '../../src/server/store/partitions.ts';
import type { RootKeyToVerify } from '../../src/server/store/proof.ts';
import { StoreUnavailable } from '../../src/server/store/redis.ts';
import { scripts } from '../../src/server/store/scripts.ts';
import { allOnKeys, newWorkspace, numbers, openStore, type TestWorkspace, usersOf } from '../support/store.ts';

/** Processes on one Redis. The third has no control data in its cache. */
const [one, two, three] = [await openStore(), await openStore(), await openStore()];
const { redis } = one;
afterAll(() => Promise.all([one.stop(), two.stop(), three.stop()]));
afterEach(() => {
  jest.useRealTimers();
  for (const { hooks } of [one, two, three])
    Object.assign(hooks, { between: undefined, refuse: undefined, commands: undefined, connection: undefined });
});

interface World extends TestWorkspace {
  apiId: string;
  slug: string;
  token: string;
  key: string;
}

/** A workspace whose control data both processes have in their caches. */
async function newWorld(): Promise<World> {
  const workspace = await newWorkspace(one.store);
  const apiId = await workspace.newApi();
  const slug = await workspace.newPortal({ apiIds: [apiId] });
  const { token } = await exchangeSession(one.store, await workspace.pend(slug, 'user'), {});
  const session = await authenticatePortalSession(one.store, [token]);
  const { key } = await workspace.newKey(session, apiId);
  const world = { ...workspace, apiId, slug, token, key };
  for (const { store } of [one, two]) await callAll(store, world);
  return world;
}

const create = (store: Store, { slug }: World, rootKey: RootKeyToVerify, externalId = 'user') =>
  createSession(store, rootKey, { slug, externalId, permissions: allOnKeys, preview: false }, {});

/** The root key as this process has cached it. */
const cached = (store: Store, { secret, rootKey }: World) => cachedRootKey(store, secret) ?? rootKey;

/** Every hot call, with control data that this process caches from then on. */
async function callAll(store: Store, world: World): Promise<void> {
  const { sessionId } = await create(store, world, cached(store, world));
  await exchangeSession(store, sessionId, {});
  await authenticatePortalSession(store, [world.token]);
  expect(await verifyKey(store, cached(store, world), { key: world.key })).toMatchObject({ code: 'VALID' });
}

const update = (store: Store, { workspaceId, slug }: World, settings: Parameters<typeof updatePortal>[3]) =>
  updatePortal(store, workspaceId, slug, settings, commandLine);

/** The versions that the partitions of a workspace know of. */
const versionsIn = async (workspaceId: string) =>
  new Set(await Promise.all(partitionsOf(workspaceId).map((place) => redis.get(keys.controlSeen(place)))));
const atHome = (workspaceId: string) => redis.mGet([keys.control(workspaceId), keys.published(workspaceId)]);

test('each hot call takes one round trip once its control data is cached', async () => {
  const world = await newWorld();
  const { sessionId } = await create(two.store, world, cached(two.store, world));
  const calls: Record<string, () => Promise<unknown>> = {
    createSession: () => create(two.store, world, cached(two.store, world)),
    exchangeSession: () => exchangeSession(two.store, sessionId, {}),
    getSession: () => authenticatePortalSession(two.store, [world.token]),
    verifyKey: () => verifyKey(two.store, cached(two.store, world), { key: world.key }),
  };
  const commands: Record<string, number> = {};
  for (const [name, call] of Object.entries(calls)) {
    two.hooks.commands = 0;
    await call();
    commands[name] = two.hooks.commands;
  }
  expect(commands).toEqual({ createSession: 1, exchangeSession: 1, getSession: 1, verifyKey: 1 });
});

const notFound = 'unkey/authentication/portal_session_not_found';
const forbidden = 'unkey/authorization/forbidden';
const noRootKey = 'unkey/authentication/key_not_found';
const noPortal = 'unkey/data/portal_config_not_found';
const noWorkspace = 'unkey/authorization/workspace_disabled';

/** What ends with a change, as the error of the next call of the other process: create, exchange, authenticate, verify. */
const changes: Record<string, [change: (world: World) => Promise<unknown>, codes: (string | undefined)[]]> = {
  revokeRootKey: [
    ({ workspaceId, rootKey }) => revokeRootKey(one.store, workspaceId, rootKey.rootKeyId, commandLine),
    [noRootKey, undefined, undefined, noRootKey],
  ],
  'updatePortal that disables it': [
    (world) => update(one.store, world, { enabled: false }),
    [forbidden, forbidden, forbidden, undefined],
  ],
  'updatePortal that disables and enables it': [
    async (world) => {
      await update(one.store, world, { enabled: false });
      await update(one.store, world, { enabled: true });
    },
    [undefined, notFound, notFound, undefined],
  ],
  'revokeSessions of the portal': [
    ({ workspaceId, slug }) => revokeSessions(one.store, workspaceId, { slug }, commandLine),
    [undefined, notFound, notFound, undefined],
  ],
  deletePortal: [
    ({ workspaceId, slug }) => deletePortal(one.store, workspaceId, slug, commandLine),
    [noPortal, notFound, notFound, undefined],
  ],
  'disabling the workspace': [
    ({ workspaceId }) => setWorkspaceEnabled(one.store, workspaceId, false, commandLine),
    [noWorkspace, noWorkspace, noWorkspace, noWorkspace],
  ],
};

test.each(Object.entries(changes))('%s is in force on the next call of another process', async (_, [change, codes]) => {
  const world = await newWorld();
  const { sessionId } = await create(two.store, world, cached(two.store, world));
  await change(world);
  const calls = await Promise.allSettled([
    create(two.store, world, cached(two.store, world)),
    exchangeSession(two.store, sessionId, {}),
    authenticatePortalSession(two.store, [world.token]),
    verifyKey(two.store, cached(two.store, world), { key: world.key }),
  ]);
  expect(calls.map((call) => (call.status === 'rejected' ? call.reason.code : undefined))).toEqual(codes);
});

test('deleteApi is in force on the next verification of another process, and enabling a portal on its next call', async () => {
  const world = await newWorld();
  await deleteApi(one.store, world.workspaceId, world.apiId, commandLine);
  const verification = await verifyKey(two.store, cached(two.store, world), { key: world.key });
  expect(verification).toEqual({ valid: false, code: 'NOT_FOUND' });
  await update(one.store, world, { enabled: false });
  await expect(create(two.store, world, cached(two.store, world))).rejects.toMatchObject({ code: forbidden });
  await update(one.store, world, { enabled: true });
  expect(await create(two.store, world, cached(two.store, world))).toHaveProperty('sessionId');
});

test.each(Object.keys(changes))(
  '%s in the moment before the script of another process runs is seen by it',
  async (name) => {
    const world = await newWorld();
    const [change = async () => {}, [code] = []] = changes[name] ?? [];
    // The control data was checked, and the script has not run.
    two.hooks.between = { roundTrips: 0, step: () => change(world) };
    const created = create(two.store, world, cached(two.store, world));
    await expect(
      created.then(
        () => undefined,
        (error) => error.code,
      ),
    ).resolves.toBe(code);
    expect(two.hooks.between).toBeUndefined();
  },
);

describe('a change that does not reach every partition', () => {
  /** Lets the first process reach no partition from the 20th on: their primary is away. */
  function cutOff(): void {
    let raised = 0;
    one.hooks.refuse = (script) => script === 'raiseVersion' && ++raised > 20;
  }

  test('is not acknowledged, and is in force everywhere after another process reads the control data', async () => {
    const world = await newWorld();
    const { workspaceId, rootKey } = world;
    cutOff();
    const revoked = revokeRootKey(one.store, workspaceId, rootKey.rootKeyId, commandLine);
    await expect(revoked).rejects.toBeInstanceOf(StoreUnavailable);
    const [version, published] = await atHome(workspaceId);
    expect(published).not.toBe(version);
    await expect(two.store.rootKeys.verify(workspaceId, rootKey.hash)).rejects.toMatchObject({ code: noRootKey });
    // It completes the change without letting its caller wait.
    for (let i = 0; i < 100 && (await atHome(workspaceId))[1] !== version; i++) await new Promise(setImmediate);
    expect(await atHome(workspaceId)).toEqual([version, version]);
    expect(await versionsIn(workspaceId)).toEqual(new Set([version]));
    await expect(create(two.store, world, cached(two.store, world))).rejects.toMatchObject({ code: noRootKey });
  });

  /** A portal that is disabled at home, while no partition knows of it: the second process still serves its sessions. */
  async function disabledAtHome(): Promise<World> {
    const world = await newWorld();
    one.hooks.refuse = (script) => script === 'raiseVersion';
    await expect(update(one.store, world, { enabled: false })).rejects.toBeInstanceOf(StoreUnavailable);
    one.hooks.refuse = undefined;
    return world;
  }

  test('is in force for every process once it has refused a call', async () => {
    const world = await disabledAtHome();
    // The third process reads the change at home, twice, and does not reach the partitions in the background.
    const inBackground = 2 * partitionsOf(world.workspaceId).length;
    let raised = 0;
    three.hooks.refuse = (script) => script === 'raiseVersion' && ++raised <= inBackground;
    await expect(create(three.store, world, cached(three.store, world))).rejects.toMatchObject({ code: forbidden });
    await expect(authenticatePortalSession(two.store, [world.token])).rejects.toMatchObject({ code: forbidden });
  });

  test.each(['handle', 'externalId'])(
    'is in force for every process once a revocation by %s relies on it',
    async (by) => {
      const { workspaceId, token } = await disabledAtHome();
      const filter = { [by]: by === 'handle' ? String(sessionRef('ps', token)?.handle) : 'user' };
      expect(await revokeSessions(three.store, workspaceId, filter, commandLine)).toBe(0);
      await expect(authenticatePortalSession(two.store, [token])).rejects.toMatchObject({ code: forbidden });
    },
  );

  test('does not let a revocation of the portal rely on it', async () => {
    const { workspaceId, slug } = await disabledAtHome();
    three.hooks.refuse = (script) => script === 'raiseVersion';
    const revoked = revokeSessions(three.store, workspaceId, { slug }, commandLine);
    await expect(revoked).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('is completed by a repeated call, which finds nothing to change', async () => {
    const { workspaceId, rootKey } = await newWorld();
    cutOff();
    await expect(revokeRootKey(one.store, workspaceId, rootKey.rootKeyId, commandLine)).rejects.toBeInstanceOf(
      StoreUnavailable,
    );
    one.hooks.refuse = undefined;
    await expect(revokeRootKey(one.store, workspaceId, rootKey.rootKeyId, commandLine)).rejects.toMatchObject({
      code: 'unkey/data/key_not_found',
    });
    const [version] = await atHome(workspaceId);
    expect(await versionsIn(workspaceId)).toEqual(new Set([version]));
  });

  test('is completed within seconds by a process that only serves users of other partitions', async () => {
    const { workspaceId, rootKey } = await newWorld();
    cutOff();
    await expect(revokeRootKey(one.store, workspaceId, rootKey.rootKeyId, commandLine)).rejects.toBeInstanceOf(
      StoreUnavailable,
    );
    const completed = jest.spyOn(two.store, 'completeChanges');
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
    const stop = startControlChecks(two.store);
    jest.advanceTimersByTime(2999);
    expect(completed).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    await completed.mock.results[0]?.value;
    stop();
    completed.mockRestore();
    const [version] = await atHome(workspaceId);
    expect(await versionsIn(workspaceId)).toEqual(new Set([version]));
  });
});

describe('a failover that loses a version', () => {
  test('in a partition: a process with newer control data raises it again', async () => {
    const world = await newWorld();
    const [before] = await versionsIn(world.workspaceId);
    await revokeSessions(one.store, world.workspaceId, { slug: world.slug }, commandLine);
    await create(two.store, world, cached(two.store, world));
    const places = partitionsOf(world.workspaceId);
    for (const place of places) await redis.set(keys.controlSeen(place), String(before));
    await expect(authenticatePortalSession(two.store, [world.token])).rejects.toMatchObject({ code: notFound });
    for (const place of places) {
      const [externalId = ''] = usersOf(place, 1);
      await create(two.store, world, cached(two.store, world), externalId);
    }
    const [version] = await atHome(world.workspaceId);
    expect(await versionsIn(world.workspaceId)).toEqual(new Set([version]));
  });

  test('at home: the control data that is left gets a later version than any partition knows of, and calls go on', async () => {
    const world = await newWorld();
    const { workspaceId } = world;
    const lost = String(Number((await atHome(workspaceId))[0]) + 1_000_000);
    for (const place of partitionsOf(workspaceId)) await redis.set(keys.controlSeen(place), lost);
    await callAll(two.store, world);
    expect((await atHome(workspaceId))[0]).toBe(lost);
    await update(one.store, world, { name: 'Later' });
    const [version] = await atHome(workspaceId);
    expect(Number(version)).toBeGreaterThan(Number(lost));
    expect(await versionsIn(workspaceId)).toEqual(new Set([version]));
  });

  test('a process forgets its control data with its connection, which a partition may agree with again', async () => {
    const world = await newWorld();
    const [before] = await versionsIn(world.workspaceId);
    await revokeRootKey(one.store, world.workspaceId, world.rootKey.rootKeyId, commandLine);
    // The new primaries of all partitions have lost the version, and this process has never seen it.
    for (const place of partitionsOf(world.workspaceId)) await redis.set(keys.controlSeen(place), String(before));
    two.hooks.connection = 2;
    await expect(create(two.store, world, cached(two.store, world))).rejects.toMatchObject({ code: noRootKey });
  });
});

test('versions only grow, and a late process lowers none', async () => {
  const world = await newWorld();
  const seen: number[] = [];
  for (const i of numbers(3)) {
    await update(one.store, world, { name: `Name ${i}` });
    seen.push(Number((await atHome(world.workspaceId))[0]));
  }
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  const [place] = partitionsOf(world.workspaceId);
  const versionKey = place === undefined ? '' : keys.controlSeen(place);
  const late = await redis.eval(scripts.raiseVersion.SCRIPT, { keys: [versionKey], arguments: [String(seen[0])] });
  expect(late).toEqual(['ok', String(seen[2])]);
  expect(await redis.get(versionKey)).toBe(String(seen[2]));
});

test('many changes and calls at the same time: every acknowledged change is seen by the next call', async () => {
  const world = await newWorld();
  let enabled = true;
  const errors: unknown[] = [];
  let isDone = false;
  const caller = async () => {
    while (!isDone) {
      await create(two.store, world, cached(two.store, world)).catch((error) => {
        if (error.code !== forbidden) errors.push(error);
      });
    }
  };
  const callers = numbers(4).map(caller);
  const seen: boolean[] = [];
  try {
    for (const _ of numbers(20)) {
      enabled = !enabled;
      await update(one.store, world, { enabled });
      const after = await create(two.store, world, cached(two.store, world)).then(
        () => true,
        () => false,
      );
      seen.push(after === enabled);
    }
  } finally {
    isDone = true;
    await Promise.all(callers);
  }
  expect(seen).toEqual(numbers(20).map(() => true));
  expect(errors).toEqual([]);
});
