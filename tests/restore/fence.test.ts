/** A backup is restored: what it has revived ends with the fence, of any kind, and also after a kill at seven points. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { fenceWorkspace, finishFence, type Knowledge } from '../../src/server/domain/restores/fence.ts';
import { authenticateRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { requireWorkspace } from '../../src/server/domain/workspaces/workspaces.ts';
import type { Store } from '../../src/server/store/index.ts';
import { StoreUnavailable } from '../../src/server/store/redis.ts';
import { startRedis } from '../support/redis.ts';
import { all, change, disable, makePast, ofSessions, revived } from '../support/restore/past.ts';
import { restoreSnapshot, takeSnapshot } from '../support/restore/snapshot.ts';
import { newWorkspace, openStore } from '../support/store.ts';

const local = await startRedis();
const opened = await openStore({ on: local });
const { store, redis, hooks } = opened;
afterAll(async () => {
  await opened.stop();
  await local.stop();
});

const past = await makePast(store);
const { workspaceId } = past;
const backup = await takeSnapshot(redis);
const backupTime = Date.now();
const entries = await change(store, past);
/** As a new process, which has read nothing before. */
let connections = 1;
async function restore(): Promise<void> {
  await restoreSnapshot(redis, backup);
  connections += 1;
  hooks.connection = connections;
}

async function fence(by: Store = store, knowledge: Knowledge = { entries }, isDryRun = false) {
  const sums = await fenceWorkspace(by, workspaceId, { knowledge, backupTime, isDryRun }, commandLine);
  return { ...sums, left: isDryRun ? [] : await finishFence(by) };
}

test('a restored backup revives everything that has changed since: the search finds it', async () => {
  await restore();
  expect(await revived(store, past)).toEqual(all);
});

test('after the fence nothing is revived, and what has not changed still works', async () => {
  await restore();
  expect(await fence()).toMatchObject({ portals: 3, lost: 2, undecided: [], left: [] });
  expect(await revived(store, past)).toEqual([]);
  expect(await store.dataset.read()).toEqual({ format: 2, beat: expect.any(Number), fenced: [] });
});

test('a second fence changes nothing more, and a first one says before what it would do', async () => {
  await restore();
  const planned = await fence(store, { entries }, true);
  expect(await takeSnapshot(redis).then((now) => now.length)).toBe(backup.length);
  const { made } = await fence();
  expect(planned.made).toBe(made);
  expect(made).toBeGreaterThan(15);
  expect(await fence()).toMatchObject({ made: 0, undecided: [] });
  expect(await revived(store, past)).toEqual([]);
});

test('an erasure that a killed fence has begun is completed by the next one', async () => {
  await restore();
  const redact = () => Promise.reject(new StoreUnavailable('the fence is killed here'));
  await expect(fence({ ...store, erasures: { ...store.erasures, redact } })).rejects.toThrow(StoreUnavailable);
  await fence();
  expect(await revived(store, past)).toEqual([]);
});

test('a fence that is killed at seven points, and repeated, is complete', async () => {
  await restore();
  hooks.commands = 0;
  await fence();
  const many = hooks.commands;
  for (const part of [0.02, 0.3, 0.55, 0.7, 0.8, 0.9, 0.97]) {
    await restore();
    hooks.commands = 0;
    hooks.refuse = () => Number(hooks.commands) > part * many;
    await expect(fence()).rejects.toThrow();
    hooks.refuse = undefined;
    expect((await store.dataset.read()).restored).toBe(backupTime);
    await fence();
    expect([part, await revived(store, past)]).toEqual([part, []]);
  }
}, 60_000);

/** The store without one kind of change, which says that it has made it. */
const without = <Room extends keyof Store>(room: Room, method: keyof Store[Room], reply: unknown): Store => ({
  ...store,
  [room]: { ...(store[room] as object), [method]: async () => reply },
});

test.each<[string, Store, string[]]>([
  ['sessions', without('sessions', 'endAll', 0), ofSessions],
  ['deleted keys', without('apiKeys', 'delete', 'ok'), ['a key deleted']],
  ['changed keys', without('apiKeys', 'replace', 'ok'), all.slice(6, 12)],
  ['deleted APIs', without('apis', 'delete', true), ['a key of a deleted API']],
  ['policies of APIs', without('apis', 'replace', 'ok'), ['a policy of the API']],
  ['policies of users', without('identities', 'write', 'ok'), ['a policy of the user', 'a policy of a later user']],
  ['root keys', without('rootKeys', 'revoke', true), ['a revoked root key']],
  ['changed portals', without('portals', 'replace', 'ok'), ['a disabled portal', 'the name of a portal']],
  ['deleted portals', without('portals', 'delete', true), ['a deleted portal']],
  ['erasures', without('erasures', 'mark', false), all.filter((name) => name.includes('erased user'))],
])('a fence that forgets %s is noticed', async (_, forgetful, found) => {
  await restore();
  await fence(forgetful);
  expect(await revived(store, past)).toEqual(found);
});

describe('without a copy of the audit log', () => {
  test('all keys can be disabled and all root keys revoked', async () => {
    await restore();
    expect(await fence(store, 'disable')).toMatchObject({ made: 14, left: [] });
    for (const secret of [past.secret, past.second.secret])
      await expect(authenticateRootKey(store, secret)).rejects.toMatchObject({ status: 401 });
    const keys = await Promise.all(
      Object.values(past.keys).map((key) => store.apiKeys.findById(workspaceId, key.keyId)),
    );
    expect(keys.map((key) => key?.record.enabled)).toEqual(keys.map(() => false));
  });

  test('or they stay, and only the sessions end', async () => {
    await restore();
    await fence(store, 'keep');
    expect(await revived(store, past)).toEqual(all.slice(ofSessions.length));
  });
});

test('what is too long for the audit log is left to the operator, and the key is disabled', async () => {
  await restore();
  const { keyId } = past.keys.unchanged;
  const [some] = entries;
  if (some === undefined) throw new Error('there are entries');
  const cut = {
    ...some,
    action: 'key.update',
    resource: { type: 'key', id: keyId },
    after: { scopes: '(5120 bytes)' },
  };
  const sums = await fence(store, { entries: [cut] });
  expect(sums.undecided).toEqual([{ resource: `key ${keyId}`, reason: expect.stringContaining('scopes') }]);
  expect((await store.apiKeys.findById(workspaceId, keyId))?.record.enabled).toBe(false);
});

test('servers wait until every workspace is fenced, and a disabled one is disabled again', async () => {
  await restore();
  const other = await newWorkspace(store);
  const before = Date.now();
  await disable(store, past);
  const { items } = await store.audit.list(workspaceId, { startTime: before }, { limit: 10 });
  await restore();
  await newWorkspace(store);
  expect((await fence(store, { entries: [...entries, ...items] })).left).toHaveLength(1);
  expect((await requireWorkspace(store, workspaceId)).enabled).toBe(false);
  expect((await store.dataset.read()).fenced).toEqual([workspaceId]);
  expect(other.workspaceId).not.toBe(workspaceId);
});
