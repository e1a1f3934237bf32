/** The reader of API keys: pages of a list that leave out what is not wanted or gone, and look at a bounded number of keys. */
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { createKey } from '../../src/server/domain/keys/keys.ts';
import type { ApiKeyRecord } from '../../src/server/store/api-key-record.ts';
import { keys } from '../../src/server/store/keys.ts';
import type { PageRequest } from '../../src/server/store/page.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { newWorkspace, openStore, type TestWorkspace, walk } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  hooks.refuse = undefined;
});

let workspace: TestWorkspace;
let workspaceId: string;
let apiId: string;
beforeEach(async () => {
  workspace = await newWorkspace(store);
  workspaceId = workspace.workspaceId;
  apiId = await workspace.newApi();
});

/** Keys of these users by their ids, newest first. */
async function newKeys(...users: string[]): Promise<{ keyId: string; externalId: string }[]> {
  const made: { keyId: string; externalId: string }[] = [];
  for (const [i, externalId] of users.entries()) {
    const { keyId } = await createKey(store, workspace.rootKey, { apiId, externalId, name: `${i}` }, 1000);
    made.unshift({ keyId, externalId });
  }
  // Keys of one millisecond are in the order of their ids.
  const order = await Promise.all(
    made.map(async ({ keyId, externalId }) => {
      const record = (await store.apiKeys.find({ workspaceId, externalId }, keyId))?.record;
      return { keyId, externalId, place: `${record?.createdAt}:${keyId}` };
    }),
  );
  return order.sort((a, b) => (a.place < b.place ? 1 : -1)).map(({ place: _, ...key }) => key);
}
const ownerOf = (externalId: string) => ({ workspaceId, externalId });
const listOf = (externalId: string, wanted: (record: ApiKeyRecord) => boolean) => (page: PageRequest) =>
  store.apiKeys.list(ownerOf(externalId), page, wanted);
const ids = (pages: ApiKeyRecord[][]) => pages.map((page) => page.map(({ keyId }) => keyId));
const chunks = <T>(items: T[], size: number) =>
  Array.from({ length: Math.max(1, Math.ceil(items.length / size)) }, (_, i) => items.slice(i * size, (i + 1) * size));

test.each([1, 2, 3, 4, 5, 6, 7])(
  'pages of %i keys have each wanted key once, and the last one says so',
  async (limit) => {
    const made = await newKeys('ada', 'bob', 'ada', 'ada', 'eve', 'ada', 'ada', 'bob', 'ada');
    const own = made.filter(({ externalId }) => externalId === 'ada').map(({ keyId }) => keyId);
    const everyOther = own.filter((_, i) => i % 2 === 0);
    const everyone = () => true;
    expect(ids(await walk(listOf('ada', everyone), limit))).toEqual(chunks(own, limit));
    const some = ids(
      await walk(
        listOf('ada', ({ keyId }) => everyOther.includes(keyId)),
        limit,
      ),
    );
    expect(some.flat()).toEqual(everyOther);
    const ofApi = (page: PageRequest) => store.apiKeys.listOfApi(workspaceId, apiId, page, everyone);
    // Nothing is gone, so nothing is removed.
    hooks.refuse = (command) => command === 'zRem';
    const all = made.map(({ keyId }) => keyId);
    expect(ids(await walk(ofApi, limit))).toEqual(chunks(all, limit));
  },
);

test('a reader of several keys leaves out those that are gone, unknown or of another user', async () => {
  const [third, second, first] = await newKeys('ada', 'bob', 'ada');
  const wanted = [first, second, third].map((key) => String(key?.keyId));
  const found = await store.apiKeys.findMany(ownerOf('ada'), ['key_unknown', ...wanted, 'key_00unknown']);
  expect(found.map(({ keyId }) => keyId)).toEqual([wanted[0], wanted[2]]);
  expect(await store.apiKeys.findMany(ownerOf('ada'), [])).toEqual([]);
  expect(await store.apiKeys.find(ownerOf('ada'), String(second?.keyId))).toBeUndefined();
});

test('keys whose records are gone are on no page, and the list of an API loses them', async () => {
  const made = await newKeys('ada', 'bob', 'ada', 'eve');
  const gone = made[1];
  const place = partitionOf(ownerOf(String(gone?.externalId)));
  const hash = await redis.get(keys.keyId(place, String(gone?.keyId)));
  await redis.del(keys.apiKey(place, String(hash)));
  const order = async () => (await redis.zRange(keys.apiKeyOrder(place, apiId), 0, -1)).map((one) => one.split(':')[1]);
  expect(await order()).toContain(gone?.keyId);
  const page = await store.apiKeys.listOfApi(workspaceId, apiId, { limit: 10 }, () => true);
  const left = made.filter((one) => one !== gone).map(({ keyId }) => keyId);
  expect(page.items.map(({ keyId }) => keyId)).toEqual(left);
  expect(await order()).not.toContain(gone?.keyId);
});

test.each([
  // As many as a page has and one more, then 250 in each step, until at least 1,000 were looked at.
  [1, 1002],
  [249, 1000],
  [100, 1101],
])('a page of %i looks at %i keys, and the next page begins there', async (limit, many) => {
  const [own] = await newKeys('ada');
  const list = keys.userKeyOrder(ownerOf('ada'));
  const placeOf = (i: number) => `${9_000_000_000_000 - i}:key_gone${i}`;
  const fill = (count: number) =>
    redis.zAdd(
      list,
      Array.from({ length: count }, (_, i) => ({ score: 0, value: placeOf(i + 1) })),
    );
  await fill(many);
  const first = await listOf('ada', () => true)({ limit });
  expect(first).toEqual({ items: [], next: placeOf(many) });
  const second = await listOf('ada', () => true)({ limit, after: String(first.next) });
  expect(second).toEqual({ items: [expect.objectContaining({ keyId: own?.keyId })] });
  // Nothing follows: the list ends without another page.
  await redis.zRemRangeByLex(list, '-', `(${placeOf(many)}`);
  expect(await listOf('ada', () => true)({ limit })).toEqual({ items: [] });
});
