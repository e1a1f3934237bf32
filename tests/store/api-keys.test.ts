/** The API keys of two users as the store has them: who may change them, what a refusal leaves, and where their forwards are. */
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { importKeys } from '../../src/server/domain/keys/imports.ts';
import { createKey, deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { deleteApi } from '../../src/server/domain/portals/apis.ts';
import { updatePortal } from '../../src/server/domain/portals/portals.ts';
import type { AuthenticatedSession } from '../../src/server/domain/sessions/sessions.ts';
import { revokeRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import type { ApiKeyRecord } from '../../src/server/store/api-key-record.ts';
import { keys } from '../../src/server/store/keys.ts';
import { defaultLimits } from '../../src/server/store/limits.ts';
import { partitionOf, partitionOfHash } from '../../src/server/store/partitions.ts';
import { contentsOf, newWorkspace, openStore, type TestWorkspace, usersOf } from '../support/store.ts';

const opened = await openStore({ limits: { ...defaultLimits, keysPerUser: 3 } });
const { store, redis, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  Object.assign(hooks, { refuse: undefined, between: undefined });
});

let workspace: TestWorkspace;
let workspaceId: string;
let apiId: string;
let slug: string;
beforeEach(async () => {
  workspace = await newWorkspace(store);
  workspaceId = workspace.workspaceId;
  apiId = await workspace.newApi();
  slug = await workspace.newPortal({ apiIds: [apiId] });
});

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const placeOf = (externalId: string) => partitionOf({ workspaceId, externalId });
/** Hashes of keys that need a forward, by a name. */
function hashElsewhere(externalId: string, name = ''): string {
  for (let i = 0; ; i++) {
    const hash = hashOf(`${name}${externalId} ${i}`);
    if (partitionOfHash(hash) !== placeOf(externalId).partition) return hash;
  }
}
const importHash = async (hash: string, externalId: string, more: object = {}, limit = 100) => {
  const toImport = { hash, start: 'old_', externalId, ...more };
  return (await importKeys(store, workspace.rootKey, { apiId, keys: [toImport] }, limit))[0];
};
const forwardName = (hash: string) => keys.apiKey({ workspaceId, partition: partitionOfHash(hash) }, hash);
const forwardOf = (hash: string) => redis.get(forwardName(hash));
const storedOf = async (externalId: string, hash: string) => {
  const keyId = await keyIdOf(externalId, hash);
  return (await store.apiKeys.find({ workspaceId, externalId }, keyId)) ?? Promise.reject(new Error('no such key'));
};
const keyIdOf = async (externalId: string, hash: string) => {
  const { items } = await store.apiKeys.list({ workspaceId, externalId }, { limit: 100 }, () => true);
  const found = await Promise.all(
    items.map(async ({ keyId }) => ({ keyId, hash: await redis.get(keys.keyId(placeOf(externalId), keyId)) })),
  );
  return found.find((one) => one.hash === hash)?.keyId ?? '';
};
const by = () => ({ proof: workspace.rootKey, entry: { action: 'key.delete', resource: { type: 'key', id: 'key' } } });
const change = () => by() as unknown as Parameters<typeof store.apiKeys.delete>[0];

describe('API keys are changed only by a caller who may', () => {
  const missing = { code: 'unkey/data/key_not_found' };
  const noApi = { code: 'unkey/data/api_not_found' };
  const forbidden = { code: 'unkey/authorization/forbidden' };
  /** The outcome of each change of a key by its user, as codes; what they change is compared apart. */
  async function refusals(session: AuthenticatedSession, keyId: string) {
    const before = await contentsOf(opened, workspaceId);
    const tried = await Promise.allSettled([
      createKey(store, session, { apiId }, 100),
      updateKey(store, session, keyId, { name: 'other' }, 100),
      rerollKey(store, session, { keyId, overlap: 0 }),
      deleteKey(store, session, keyId),
    ]);
    expect(await contentsOf(opened, workspaceId)).toEqual(before);
    return tried.map((one) => (one.status === 'rejected' ? { code: one.reason.code } : 'done'));
  }

  test.each<[string, () => Promise<unknown>, object[]]>([
    ['the portal has lost the API', () => updatePortal(store, workspaceId, slug, { apiIds: [] }, commandLine), [noApi]],
    ['the API was deleted', () => deleteApi(store, workspaceId, apiId, commandLine), [noApi]],
    [
      'the portal was disabled',
      () => updatePortal(store, workspaceId, slug, { enabled: false }, commandLine),
      [forbidden],
    ],
    [
      'the workspace was disabled',
      () => setWorkspaceEnabled(store, workspaceId, false, commandLine),
      [{ code: 'unkey/authorization/workspace_disabled' }],
    ],
  ])('a user in a session, and not after %s', async (_, end, [refusal]) => {
    const session = await workspace.enter(slug, 'ada');
    const { keyId } = await workspace.newKey(session, apiId);
    await end();
    const later = refusal === noApi ? missing : refusal;
    expect(await refusals(session, keyId)).toEqual([refusal, later, later, later]);
  });

  test('a root key, and not after it was revoked', async () => {
    const { rootKey } = await workspace.newRootKey();
    const hash = hashElsewhere('ada');
    await importHash(hash, 'ada');
    const stored = await storedOf('ada', hash);
    await revokeRootKey(store, workspaceId, rootKey.actor.id, commandLine);
    const before = await contentsOf(opened, workspaceId);
    const revoked = { ...change(), proof: rootKey } as ReturnType<typeof change>;
    const gone = { code: 'unkey/authentication/key_not_found' };
    const other = hashElsewhere('bob');
    await expect(store.apiKeys.delete(revoked, stored)).rejects.toMatchObject(gone);
    await expect(store.apiKeys.replace(revoked, stored, stored.record, 10)).rejects.toMatchObject(gone);
    await expect(store.apiKeys.import(revoked, { ...stored.record, keyId: 'k' }, other, 10)).rejects.toMatchObject(
      gone,
    );
    await expect(store.apiKeys.reroll(revoked, stored, stored.record, other, 0)).rejects.toMatchObject(gone);
    expect(await contentsOf(opened, workspaceId)).toEqual(before);
  });
});

describe('API keys that are written elsewhere', () => {
  test.each([
    ['there is no room for a key', 'no_room', 3, 100],
    ['the user has as many active keys as they may', 'limit_exceeded', 1, 1],
  ])('leave no forward if %s', async (_, outcome, many, limit) => {
    for (let i = 0; i < many; i++) await importHash(hashElsewhere('ada', `${i}`), 'ada');
    const hash = hashElsewhere('ada', 'more');
    const record = { keyId: 'key_x', apiId, externalId: 'ada', start: 'old_', enabled: true, createdAt: 1 };
    const whole = { ...record, updatedAt: 1, byteLength: 16, rerolled: false };
    const attempt = store.apiKeys.import(change(), whole, hash, limit);
    const settled = await attempt.catch((error: { code: string }) => error.code);
    expect(settled).toBe(outcome === 'no_room' ? 'unkey/data/limit_exceeded' : 'limit_exceeded');
    expect(await forwardOf(hash)).toBeNull();
  });

  test('are taken if the hash is of a key of another user, whatever their partitions, and stay as they are', async () => {
    const [ada = '', neighbour = ''] = usersOf(placeOf('ada'), 2);
    const elsewhere = hashElsewhere(ada);
    await importHash(elsewhere, ada);
    const before = await redis.get(keys.apiKey(placeOf(ada), elsewhere));
    const record = (await storedOf(ada, elsewhere)).record;
    const importTo = (externalId: string) =>
      store.apiKeys.import(change(), { ...record, externalId, keyId: 'key_y' } as ApiKeyRecord, elsewhere, 100);
    expect(await importTo(neighbour)).toBe('taken');
    const stranger = Array.from({ length: 1000 }, (_, i) => `stranger ${i}`).find(
      (one) => placeOf(one).partition === partitionOfHash(elsewhere),
    );
    expect(await importTo(String(stranger))).toBe('taken');
    expect(await importTo(ada)).toEqual({ existing: record });
    expect(await redis.get(keys.apiKey(placeOf(ada), elsewhere))).toBe(before);
    expect(await forwardOf(elsewhere)).toMatch(/^>/);
  });

  test('keep their forward after a failure of which nobody knows the outcome', async () => {
    const hash = hashElsewhere('ada');
    hooks.refuse = (command) => command === 'createApiKey';
    await expect(importHash(hash, 'ada')).rejects.toThrow();
    hooks.refuse = undefined;
    expect(await forwardOf(hash)).toMatch(/^>/);
  });

  test('keep their forward if another change has overtaken a deletion, and lose it with the deletion', async () => {
    const hash = hashElsewhere('ada');
    await importHash(hash, 'ada');
    const stored = await storedOf('ada', hash);
    expect(await store.apiKeys.delete(change(), { ...stored, text: `${stored.text} ` })).toBe('stale');
    expect(await forwardOf(hash)).toMatch(/^>/);
    expect(await store.apiKeys.delete(change(), stored)).toBe('ok');
    expect(await forwardOf(hash)).toBeNull();
    expect(await store.apiKeys.delete(change(), stored)).toBe('not_found');
  });

  test('have a forward that lives as long as they do: after each change, and not after one that was overtaken', async () => {
    const hash = hashElsewhere('ada');
    await importHash(hash, 'ada');
    const ends = () => redis.pExpireTime(forwardName(hash));
    expect(await ends()).toBe(-1);
    const [day, now] = [86_400_000, Date.now()];
    const replaceWith = async (expires: number | undefined, text?: string) => {
      const stored = await storedOf('ada', hash);
      const { expires: _, ...record } = stored.record;
      const after = { ...record, ...(expires !== undefined && { expires }) };
      return store.apiKeys.replace(change(), { ...stored, ...(text !== undefined && { text }) }, after, 100);
    };
    expect(await replaceWith(now + day, 'overtaken')).toBe('stale');
    expect(await ends()).toBe(-1);
    expect(await replaceWith(now + 2 * day)).toBe('ok');
    const first = await ends();
    expect(first).toBeGreaterThanOrEqual(now + 2 * day);
    expect(await replaceWith(now + day)).toBe('ok');
    expect(await ends()).toBe(first - day);
    expect(await replaceWith(undefined)).toBe('ok');
    expect(await ends()).toBe(-1);
  });

  test.each([
    ['no end, after the overlap and an hour', undefined, 60_000, 60_000 + 3_600_000],
    ['an earlier end, with it', 600_000, 60_000, 600_000],
    ['a later end, after the overlap and an hour', 86_400_000, 60_000, 60_000 + 3_600_000],
  ])('have a forward that ends with the rerolled key: one with %s', async (_, own, overlap, after) => {
    const hash = hashElsewhere('ada');
    const begun = Date.now();
    const expires = own === undefined ? {} : { expires: begun + own };
    await importHash(hash, 'ada', expires);
    const reference = hashElsewhere('bob');
    await importHash(reference, 'bob', { expires: begun + 86_400_000 });
    const grace = (await redis.pExpireTime(forwardName(reference))) - begun - 86_400_000;
    const keyId = await keyIdOf('ada', hash);
    const stored = await storedOf('ada', hash);
    const lifetime = await redis.pExpireTime(forwardName(hash));
    const successor = { ...stored.record, keyId: `${keyId}2` };
    const overtaken = { ...stored, text: 'overtaken' };
    expect(await store.apiKeys.reroll(change(), overtaken, successor, hashElsewhere('ada', 'new'), overlap)).toBe(
      'stale',
    );
    expect(await redis.pExpireTime(forwardName(hash))).toBe(lifetime);
    await rerollKey(store, workspace.rootKey, { keyId, overlap });
    const ends = (await redis.pExpireTime(forwardName(hash))) - begun - grace;
    expect(ends).toBeGreaterThanOrEqual(after);
    expect(ends).toBeLessThan(after + 60_000);
  });
});

test('all API keys of a deleted API go with their forwards, and those of another API stay', async () => {
  const other = await openStore();
  const kept = await workspace.newApi();
  const all = Array.from({ length: 45 }, (_, i) => ({ hash: hashOf(`many ${i}`), start: 'old_', externalId: 'ada' }));
  const mine = { hash: hashElsewhere('ada', 'kept'), start: 'old_', externalId: 'ada' };
  await importKeys(other.store, workspace.rootKey, { apiId, keys: all }, 100);
  await importKeys(other.store, workspace.rootKey, { apiId: kept, keys: [mine] }, 100);
  const names = async () =>
    Object.keys(await contentsOf(opened, workspaceId)).filter((name) =>
      /^(forward|api-key|key-id|user-key)/.test(name),
    );
  const before = await names();
  await deleteApi(store, workspaceId, apiId, commandLine);
  await store.apiKeys.removeOfDeletedApis(workspaceId);
  const after = await names();
  await other.stop();
  expect(before.filter((name) => name.startsWith('forward:')).length).toBeGreaterThan(20);
  expect(after.filter((name) => /^(forward:)?api-key:/.test(name))).toEqual([
    `api-key:${mine.hash}`,
    `forward:api-key:${mine.hash}`,
  ]);
  expect(after.filter((name) => name.startsWith('key-id:'))).toHaveLength(1);
});

test('a new API key whose hash exists is a fault, and changes nothing', async () => {
  const hash = hashElsewhere('ada');
  await importHash(hash, 'ada');
  const { record } = await storedOf('ada', hash);
  const before = await contentsOf(opened, workspaceId);
  await expect(store.apiKeys.create(change(), { ...record, keyId: 'key_z' }, hash, 100)).rejects.toThrow('same hash');
  expect(await contentsOf(opened, workspaceId)).toEqual(before);
});
