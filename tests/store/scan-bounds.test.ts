/** Long lists, with one item more than one step of a list reads: no item is lost, none comes twice, and every list ends. */

import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { listIdentities } from '../../src/server/domain/identities/identities.ts';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { deleteKey } from '../../src/server/domain/keys/keys.ts';
import { getPortal } from '../../src/server/domain/portals/portals.ts';
import { listSessions, revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
import { changeOf } from '../../src/server/domain/workspaces/audit.ts';
import { keys } from '../../src/server/store/keys.ts';
import { defaultLimits } from '../../src/server/store/limits.ts';
import type { PageRequest } from '../../src/server/store/page.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { newWorkspace, numbers, openStore, walk } from '../support/store.ts';

const { store, redis, hooks, stop } = await openStore({ limits: { ...defaultLimits, keysPerUser: 2000 } });
afterAll(stop);
afterEach(() => {
  jest.restoreAllMocks();
});
const now = Date.now();

describe('keys that are looked at', () => {
  /** A user with as many keys, each with its number as its name; the last is the newest. */
  async function userWith(many: number) {
    const { workspaceId, newApi, newPortal, enter } = await newWorkspace(store);
    const apiId = await newApi();
    const session = await enter(await newPortal({ apiIds: [apiId] }), 'user');
    const owner = { workspaceId, externalId: 'user' };
    const record = { apiId, externalId: 'user', start: '', enabled: true, rerolled: false, byteLength: 24 };
    await Promise.all(
      numbers(many).map((i) => {
        const by = changeOf({ proof: session }, 'key.create', { type: 'key', id: `key_${i}` });
        const own = { keyId: `key_${i}`, name: String(i), createdAt: now + i, updatedAt: now };
        return store.apiKeys.create(by, { ...record, ...own }, `hash ${i}`, many);
      }),
    );
    const list = (page: PageRequest, wanted: (n: number) => boolean) =>
      store.apiKeys.list(owner, page, ({ name }) => wanted(Number(name)));
    return Object.assign(list, { session });
  }

  test('a page looks at no more than about 1,000, and the next page begins there', async () => {
    const list = await userWith(1030);
    const looked: number[] = [];
    const first = await list({ limit: 20 }, (n) => looked.push(n) === 0);
    // 21 at first, then four times 250.
    expect(looked).toEqual(numbers(1030).reverse().slice(0, 1021));
    expect(first).toEqual({ items: [], next: expect.stringContaining('key_9') });
    const isLast = (n: number) => n === 0;
    const pages = await walk((page) => list(page, isLast), 20);
    expect(pages.map((items) => items.map(({ name }) => name))).toEqual([[], ['0']]);
    // The last entry that a page looks at is on that page.
    expect((await list({ limit: 20 }, (n) => n === 9)).items).toHaveLength(1);
    expect((await list({ limit: 20 }, (n) => n === 8)).items).toHaveLength(0);

    // The user's own list counts and sorts the newest 1,000, and its pages have all.
    const { session } = list;
    const byName = await listKeys(store, session, { limit: 2, sort: 'name' });
    expect([byName.keys.map(({ name }) => name), byName.pagination.counts.all]).toEqual([['100', '1000'], 1000]);
    const own = await walk(async ({ limit, after: cursor }) => {
      const page = await listKeys(store, session, { limit, ...(cursor !== undefined && { cursor }) });
      expect(page.pagination.counts).toEqual({ all: 1000, active: 1000, expiring: 0, inactive: 0 });
      return { items: page.keys, ...(page.pagination.cursor !== undefined && { next: page.pagination.cursor }) };
    }, 100);
    expect(own.flat().map(({ name }) => Number(name))).toEqual(numbers(1030).reverse());
  });

  test('the first page of a user is one round trip in their partition, and each other one at most two', async () => {
    const { newApi, newPortal, enter, newKey } = await newWorkspace(store);
    const apiId = await newApi();
    const permissions = ['api.*.create_key', 'api.*.read_key', 'api.*.read_analytics'];
    const session = await enter(await newPortal({ apiIds: [apiId] }), 'user', permissions);
    for (const _ of numbers(5)) await newKey(session, apiId);
    const cost = async (query: Parameters<typeof listKeys>[2]) => {
      hooks.commands = 0;
      const { keys: found, pagination } = await listKeys(store, session, query);
      const { commands } = hooks;
      hooks.commands = undefined;
      expect(found).toHaveLength(2);
      expect(found[0]?.usage?.hours).toHaveLength(24);
      return { commands, cursor: pagination.cursor };
    };
    // The API, the policy of the user, and the keys with their usage, all at once.
    const first = await cost({ limit: 2 });
    expect(first.commands).toBe(3);
    expect((await cost({ limit: 2, ...(first.cursor !== undefined && { cursor: first.cursor }) })).commands).toBe(4);
    expect((await cost({ limit: 2, sort: 'name' })).commands).toBe(4);
  });

  test('exactly as many as a read has: the list ends without another page', async () => {
    const list = await userWith(271);
    expect(await walk((page) => list(page, () => false), 20)).toEqual([[]]);
    const all = await walk((page) => list(page, () => true), 100);
    expect(all.map((items) => items.length)).toEqual([100, 100, 71]);
    expect(all.flat().map(({ name }) => Number(name))).toEqual(numbers(271).reverse());
    // The wanted keys are spread over several reads.
    const spread = await walk((page) => list(page, (n) => n % 25 === 0), 5);
    expect(spread.map((items) => items.map(({ name }) => Number(name)))).toEqual([
      [250, 225, 200, 175, 150],
      [125, 100, 75, 50, 25],
      [0],
    ]);
  });

  test('a key that is deleted between two reads is left out', async () => {
    const { workspaceId, newApi, newPortal, enter, newKey } = await newWorkspace(store);
    const apiId = await newApi();
    const session = await enter(await newPortal({ apiIds: [apiId] }), 'user');
    const [first, second] = [await newKey(session, apiId), await newKey(session, apiId)];
    // The places come first.
    hooks.between = { roundTrips: 1, step: () => deleteKey(store, session, second.keyId) };
    const owner = { workspaceId, externalId: 'user' };
    const { items, next } = await store.apiKeys.list(owner, { limit: 1 }, () => true);
    expect(hooks.between).toBeUndefined();
    expect([items.map(({ keyId }) => keyId), next]).toEqual([[first.keyId], undefined]);
  });
});

describe('sessions', () => {
  test('all 201 of a user are revoked, and none of another', async () => {
    const { workspaceId, newPortal, pend } = await newWorkspace(store);
    const slug = await newPortal();
    await Promise.all(numbers(201).map(() => pend(slug, 'user')));
    await pend(slug, 'other');
    const list = (page: PageRequest) => listSessions(store, workspaceId, { externalId: 'user' }, page);
    const pages = await walk(list, 100);
    expect(pages.map((items) => items.length)).toEqual([100, 100, 1]);
    expect(new Set(pages.flat().map(({ handle }) => handle)).size).toBe(201);
    expect(await revokeSessions(store, workspaceId, { externalId: 'user' }, commandLine)).toBe(201);
    expect(await list({ limit: 100 })).toEqual({ items: [] });
    expect((await listSessions(store, workspaceId, { slug }, { limit: 100 })).items).toHaveLength(1);
  });

  test('ended ones make a page short, and those of other portals too, but the next page follows', async () => {
    const { workspaceId, newPortal, pend } = await newWorkspace(store);
    const [slug, other] = [await newPortal(), await newPortal()];
    let tick = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => tick++);
    for (const i of numbers(6)) await pend(i % 2 === 0 ? slug : other, 'user');
    const filter = { externalId: 'user', slug };
    const pages = await walk((page) => listSessions(store, workspaceId, filter, page), 2);
    expect(pages.map((items) => items.length)).toEqual([1, 1, 1]);
  });

  test('a page takes as many commands as it has sessions, not as there are', async () => {
    const { workspaceId, newPortal, pend } = await newWorkspace(store);
    const slug = await newPortal();
    const cost = async () => {
      hooks.commands = 0;
      await listSessions(store, workspaceId, { slug }, { limit: 10 });
      const { commands } = hooks;
      hooks.commands = undefined;
      return commands;
    };
    for (const i of numbers(12)) await pend(slug, `user-${i}`);
    const few = await cost();
    expect(few).toBeGreaterThan(10);
    await Promise.all(numbers(300).map((i) => pend(slug, `user-${i}`)));
    expect(await cost()).toBe(few);
  });

  test('a process removes ended sessions with its first creation in a list and with every 32nd, and no active one', async () => {
    const { workspaceId, newPortal, pend } = await newWorkspace(store);
    const slug = await newPortal();
    const { portalId } = await getPortal(store, workspaceId, slug);
    const owner = { workspaceId, externalId: 'user' };
    const places = [keys.portalSessions(partitionOf(owner), portalId, '0'), keys.userSessions(owner)];
    const ttl = (900 + 86_400) * 1000;
    const member = (createdAt: number, i: number) => ({ score: 0, value: `${createdAt}:sess_${i}` });
    const addDead = async (many: number) => {
      for (const place of places)
        await redis.zAdd(
          place,
          numbers(many).map((i) => member(now - ttl - 1, i)),
        );
    };
    for (const place of places) await redis.zAdd(place, member(now - ttl + 60_000, 999));
    const sizes = () => Promise.all(places.map((place) => redis.zCard(place)));
    await addDead(101);
    await pend(slug, 'user');
    expect(await sizes()).toEqual(places.map(() => 101 - 100 + 1 + 1));
    await addDead(20);
    for (const _ of numbers(31)) await pend(slug, 'user');
    expect(await sizes()).toEqual(places.map(() => 20 + 1 + 1 + 32));
    await pend(slug, 'user');
    expect(await sizes()).toEqual(places.map(() => 1 + 33));
  });
});

describe('users', () => {
  test('a page looks at 1,000, and the next page begins there', async () => {
    const { workspaceId, rootKey } = await newWorkspace(store);
    const id = (n: number) => `user-${String(n).padStart(4, '0')}`;
    // As many users as a page looks at, and a few more, of which only the last has a name.
    await Promise.all(
      numbers(1030).map((n) => {
        const owner = { workspaceId, externalId: id(n) };
        const record = {
          identityId: `identity_${n}`,
          createdAt: now,
          updatedAt: now,
          ...(n === 1029 && { name: 'Ada' }),
        };
        const place = partitionOf(owner);
        return Promise.all([
          redis.set(keys.identity(owner), JSON.stringify(record)),
          redis.zAdd(keys.identities(place), { score: 0, value: owner.externalId }),
        ]);
      }),
    );
    const list = (search: string | undefined) => (page: PageRequest) =>
      listIdentities(store, rootKey.workspaceId, search, page);
    const cost = async (page: PageRequest) => {
      hooks.commands = 0;
      const found = await list('ada')(page);
      const { commands = 0 } = hooks;
      hooks.commands = undefined;
      return { ...found, commands };
    };
    const first = await cost({ limit: 100 });
    expect([first.items, first.next]).toEqual([[], id(999)]);
    // A look at each user, and no more reads of the 64 lists than that takes.
    expect(first.commands).toBeLessThan(1000 + 4 * 64);
    const second = await cost({ limit: 100, after: String(first.next) });
    expect(second.items.map(({ externalId }) => externalId)).toEqual([id(1029)]);
    expect(second.commands).toBeLessThan(30 + 4 * 64);
    const all = await walk(list(undefined), 100);
    expect(all.flat().map(({ externalId }) => externalId)).toEqual(numbers(1030).map(id));
  });
});

describe('audit entries', () => {
  test('a page reads 1,000, and the next page begins there', async () => {
    const { workspaceId } = await newWorkspace(store);
    const stream = keys.audit(workspaceId);
    await redis.del(stream);
    const entry = (i: number) =>
      JSON.stringify({ action: 'api.create', actor: { type: 'cli' }, resource: { id: `${i}` } });
    await Promise.all(numbers(1001).map((i) => redis.xAdd(stream, `${now - 2000 + i}-0`, { entry: entry(i) })));
    // 64 is the log at home.
    const times = numbers(1001).map((i) => `${now - 2000 + i}-64`);
    const oldest = { resourceId: '0' };
    const first = await store.audit.list(workspaceId, oldest, { limit: 5 });
    expect(first).toEqual({ items: [], next: times[1] });
    const second = await store.audit.list(workspaceId, oldest, { limit: 5, after: String(first.next) });
    expect(second).toEqual({ items: [expect.objectContaining({ auditId: times[0] })] });
    expect((await store.audit.list(workspaceId, { resourceId: '1' }, { limit: 5 })).items).toHaveLength(1);
    const all = await walk((page) => store.audit.list(workspaceId, {}, page), 100);
    expect(all.map((items) => items.length)).toEqual([...numbers(10).map(() => 100), 1]);
    expect(all.flat().map(({ auditId }) => auditId)).toEqual(times.toReversed());
    const more = store.audit.follow(workspaceId, 1);
    expect(await more()).toMatchObject([{ auditId: times[1000] }]);
    await Promise.all(numbers(1001).map((i) => redis.xAdd(stream, `${now + i}-0`, { entry: entry(i) })));
    expect((await more()).map(({ time }) => time)).toEqual(numbers(1000).map((i) => now + i));
    expect(await more()).toMatchObject([{ time: now + 1000 }]);
    expect(await more()).toEqual([]);
  });
});
