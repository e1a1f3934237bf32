/** The list of identities: the users of all partitions in one order, without those whose record is gone or who are being erased. */
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { updateIdentity } from '../../src/server/domain/identities/identities.ts';
import { revokeRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { contentsOf, newWorkspace, openStore, type TestWorkspace, walk } from '../support/store.ts';

const opened = await openStore();
const { store, redis } = opened;
afterAll(opened.stop);

let workspace: TestWorkspace;
let workspaceId: string;
beforeEach(async () => {
  workspace = await newWorkspace(store);
  workspaceId = workspace.workspaceId;
});
const put = (externalId: string, text?: string) => {
  const owner = { workspaceId, externalId };
  const record = JSON.stringify({ identityId: `id_${externalId}`, createdAt: 1, updatedAt: 1 });
  return Promise.all([
    redis.zAdd(keys.identities(partitionOf(owner)), { score: 0, value: externalId }),
    text === '' ? undefined : redis.set(keys.identity(owner), text ?? record),
  ]);
};
const list = (limit: number, wanted = (_: string) => true) =>
  walk((page) => store.identities.list(workspaceId, ({ externalId }) => wanted(externalId), page), limit);
const ids = async (...of: Parameters<typeof list>) =>
  (await list(...of)).map((page) => page.map(({ externalId }) => externalId));

// By code point: an emoji is after U+FF41, although its first code unit is smaller.
const users = ['', '0', 'A', 'Z', 'a', 'aa', 'b', 'é', 'ａ', '😀'].filter((one) => one !== '');

test.each([1, 2, 4, 8, 9, 10])('pages of %i identities have each user once, by code point', async (limit) => {
  for (const externalId of users.toReversed()) await put(externalId);
  await put('c', '');
  await put('d', '!id_d');
  const pages = await ids(limit);
  expect(pages.flat()).toEqual(users);
  expect(pages.map((page) => page.length)).toEqual(
    Array.from({ length: Math.ceil(users.length / limit) }, (_, i) => Math.min(limit, users.length - i * limit)),
  );
  const wanted = users.filter((_, i) => i % 3 === 0);
  expect((await ids(limit, (externalId) => wanted.includes(externalId))).flat()).toEqual(wanted);
  const whole = await store.identities.list(workspaceId, () => true, { limit: users.length });
  expect(Object.keys(whole)).toEqual(['items']);
});

test('a page of identities looks at 1,000 of which nothing is left, and the next page begins there', async () => {
  const id = (i: number) => `user-${String(i).padStart(4, '0')}`;
  await Promise.all(Array.from({ length: 1000 }, (_, i) => put(id(i), '')));
  const page = (after?: string) =>
    store.identities.list(workspaceId, () => true, { limit: 10, ...(after !== undefined && { after }) });
  expect(await page()).toEqual({ items: [], next: id(999) });
  expect(await page(id(0))).toEqual({ items: [] });
  await put('zoe');
  expect(await page(id(999))).toEqual({ items: [expect.objectContaining({ externalId: 'zoe' })] });
});

test('identities are not written for a root key that was revoked', async () => {
  const { rootKey } = await workspace.newRootKey();
  await updateIdentity(store, workspaceId, 'ada', { name: 'Ada' }, { proof: rootKey });
  await revokeRootKey(store, workspaceId, rootKey.actor.id, commandLine);
  const before = await contentsOf(opened, workspaceId);
  const later = updateIdentity(store, workspaceId, 'ada', { name: 'Bob' }, { proof: rootKey });
  await expect(later).rejects.toMatchObject({ code: 'unkey/authentication/key_not_found' });
  expect(await contentsOf(opened, workspaceId)).toEqual(before);
});
