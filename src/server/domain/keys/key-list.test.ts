import { afterAll, expect, jest, test } from '@jest/globals';
import type { ListKeysRequest } from '../../../../generated/client/types.gen.ts';
import type { ApiKeyRecord } from '../../store/api-key-record.ts';
import type { Store } from '../../store/index.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';
import { listKeys } from './key-list.ts';

/** A quarter past an hour, so that whole quarter hours end now. */
const now = 1_800_000_900_000;
const hour = 3_600_000;
const week = 7 * 24 * hour;
const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
afterAll(() => clock.mockRestore());

const session = {
  portal: { portalId: 'portal_1', workspaceId: 'ws_1', apiIds: ['api_1', 'api_2', 'api_3'] },
  grant: { externalId: 'ann', permissions: ['api.*.read_key', 'api.api_1.read_analytics'] },
} as unknown as AuthenticatedSession;

/** A key of the list; the greater its number, the newer it is. */
const key = (n: number, more: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({
  ...{ keyId: `key_${n}`, apiId: 'api_1', externalId: 'ann', start: `pay_${n}abc`, enabled: true },
  ...{ createdAt: 1000 + n, updatedAt: 1000 + n, byteLength: 24, rerolled: false, ...more },
});

/** What a list of these keys shows, and what it has asked the store for. */
async function list(records: ApiKeyRecord[], query: ListKeysRequest = {}, isAll = true) {
  const asked: unknown[] = [];
  const newest = records.toSorted((a, b) => b.createdAt - a.createdAt);
  const uses = (keys: ApiKeyRecord[]) => new Map(keys.map(({ keyId, createdAt }) => [keyId, [[now - 1, createdAt]]]));
  const store = {
    apis: {
      find: async (_: string, apiId: string) => ({ apiId, name: 'API', createdAt: 1 }),
      findMany: async () => [
        { apiId: 'api_1', name: 'API', createdAt: 1 },
        { apiId: 'api_2', name: 'API', createdAt: 1, policy: { maxLifetime: week } },
      ],
    },
    userPolicies: { find: async () => ({}) },
    keyList: {
      newest: async (owner: object, span: object, usedMany: number) => {
        asked.push(['newest', owner, span, usedMany]);
        return { records: newest, isAll, uses: uses(newest.slice(0, usedMany)) };
      },
      uses: async (_: object, __: object, keys: ApiKeyRecord[]) => {
        asked.push(['uses', keys.map(({ keyId }) => keyId)]);
        return uses(keys);
      },
    },
    apiKeys: {
      list: async (_: object, request: object, fits: (one: ApiKeyRecord) => boolean) => {
        asked.push(['list', request]);
        return { items: newest.filter(fits), next: 'more' };
      },
    },
  };
  const { keys, pagination } = await listKeys(store as unknown as Store, session, query);
  return { keys, pagination, asked, ids: keys.map(({ keyId }) => Number(keyId.slice('key_'.length))) };
}

/** The keys of all pages of two. */
async function walk(records: ApiKeyRecord[], sort: NonNullable<ListKeysRequest['sort']>): Promise<number[][]> {
  const pages: number[][] = [];
  for (let cursor: string | undefined; pages.length < 9; ) {
    const { ids, pagination } = await list(records, { sort, limit: 2, ...(cursor !== undefined && { cursor }) });
    pages.push(ids);
    if (!pagination.hasMore) return pages;
    cursor = pagination.cursor;
  }
  return pages;
}

const states = [
  ...[key(1), key(2, { enabled: false }), key(3, { enabled: false, expires: now + 1 }), key(4, { expires: now })],
  ...[key(5, { expires: now + 1 }), key(6, { expires: now + week }), key(7, { expires: now + week + 1 })],
  // Its API ends its life: it is expiring, although it has no end of its own.
  ...[key(8, { apiId: 'api_2', createdAt: now - week + 1 }), key(9, { apiId: 'api_2', createdAt: now - week })],
  key(10, { apiId: 'api_gone' }),
];

test.each<[ListKeysRequest, number[]]>([
  [{ state: 'active' }, [7, 1]],
  [{ state: 'expiring' }, [8, 6, 5]],
  [{ state: 'inactive' }, [9, 4, 3, 2]],
  [{}, [8, 9, 7, 6, 5, 4, 3, 2, 1]],
])('a key list by state, %j, has those keys, and counts those of each state', async (query, ids) => {
  const found = await list(states, query);
  expect(found.ids).toEqual(ids);
  expect(found.pagination).toEqual({ hasMore: false, counts: { all: 9, active: 2, expiring: 3, inactive: 4 } });
});

test.each<[ListKeysRequest, number[]]>([
  [{ enabled: false }, [3, 2]],
  [{ enabled: false, state: 'active' }, []],
  [{ enabled: true, state: 'inactive' }, [9, 4]],
  [{ apiId: 'api_1' }, [7, 6, 5, 4, 3, 2, 1]],
])('a key list by %j has the keys that fit', async (query, ids) => {
  expect((await list(states, query)).ids).toEqual(ids);
});

const searched = [
  key(1, { name: 'Größe', start: 'pay_live_1abc' }),
  key(2, { name: 'Build', start: 'pay_live_2abc' }),
  key(3, { start: 'pay_live_3abc' }),
];
test.each([
  ['a part of a name, in capital letters', 'GRÖ', [1]],
  ['a part of a name in small letters', 'uil', [2]],
  ['the whole id', ' key_3 ', [3]],
  ['a part of the id', 'key_', []],
  ['the beginning of a start, behind the prefix', 'pay_live_2', [2]],
  ['the prefix alone, which all have', 'pay_live_', []],
  ['the end of a start', 'live_2abc', []],
  ['a whole key', 'pay_live_3abcdefgh', [3]],
  ['something before a start', 'x_pay_live_3abc', []],
])('a key list finds by a search for %s: %s', async (_, search, ids) => {
  expect((await list(searched, { search })).ids).toEqual(ids);
});

test('a key list is sorted by name, then by age: without a name last, and by the first forty characters', async () => {
  const long = 'x'.repeat(40);
  const named = ['beta', 'Alpha', undefined, 'alpha', `${long}b`, `${long}a`, undefined, 'b'];
  const records = named.map((name, i) => key(i, name === undefined ? {} : { name }));
  expect(await walk(records, 'name')).toEqual([
    [3, 1],
    [7, 0],
    [5, 4],
    [6, 2],
  ]);
});

test('a key list is sorted by its last use, and then by age', async () => {
  const records = [0, 700, 9000, 700, undefined].map((at, i) => key(i, at === undefined ? {} : { lastUsedAt: at }));
  expect(await walk(records, 'lastUsed')).toEqual([[2, 3], [1, 4], [0]]);
});

test('a key list is sorted by its end: those that end first, those without an end, and those that ended last', async () => {
  const ends = [now + 9, now + 1, undefined, now, now - 9, undefined];
  const records = ends.map((expires, i) => key(i, expires === undefined ? {} : { expires }));
  expect(await walk(records, 'expires')).toEqual([
    [1, 0],
    [5, 2],
    [3, 4],
  ]);
});

test('a key list is sorted by age without a sort', async () => {
  expect(await walk([key(1), key(3), key(2), key(5), key(4)], 'newest')).toEqual([[5, 4], [3, 2], [1]]);
});

const span = { start: now - 24 * hour, end: now };
const ann = { workspaceId: 'ws_1', externalId: 'ann' };

test('a key list reads the use of the first page in the same step, and shows it where the session may see it', async () => {
  const { keys, asked } = await list([key(1), key(2, { apiId: 'api_2' }), key(3, { managed: true })], { limit: 3 });
  const { externalId, byteLength, rerolled, ...rest } = key(3);
  const hours = [...Array(23).fill(0), 1003];
  expect(keys[0]).toEqual({ ...rest, managed: true, usage: { startTime: span.start, total: 1003, hours } });
  expect(keys.map(({ usage }) => usage?.total)).toEqual([1003, undefined, 1001]);
  expect(asked).toEqual([['newest', ann, span, 3]]);
});

test.each<[ListKeysRequest]>([
  [{ apiId: 'api_1' }],
  [{ enabled: true }],
  [{ state: 'active' }],
  [{ search: 'key' }],
  [{ sort: 'name' }],
])('a key list by %j reads the use of the keys that it shows', async (query) => {
  const records = [key(1, { name: 'key' }), key(2, { name: 'key two', enabled: query.enabled ?? true })];
  const { keys, asked } = await list(records, { limit: 1, ...query });
  expect(asked).toEqual([
    ['newest', ann, span, 0],
    ['uses', keys.map(({ keyId }) => keyId)],
  ]);
  expect(keys.map(({ usage }) => usage?.total)).toEqual([keys[0]?.createdAt]);
});

test('a key list of more keys than are read at once goes on in the store, with the same filter', async () => {
  const found = await list(states, { state: 'expiring', enabled: true, limit: 4 }, false);
  expect(found.asked.slice(0, 2)).toEqual([
    ['newest', ann, span, 0],
    ['list', { limit: 4 }],
  ]);
  expect([found.ids, found.pagination.hasMore]).toEqual([[8, 6, 5], true]);
  expect((await list(states, { search: 'key_6' }, false)).ids).toEqual([6]);
  const sorted = await list(states, { sort: 'expires', limit: 4 }, false);
  expect([sorted.asked.length, sorted.ids]).toEqual([2, [8, 5, 3, 6]]);
});
