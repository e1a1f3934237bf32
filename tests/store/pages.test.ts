/** Every list in pages: exact items in order, none twice, and the right end. scan-bounds.test.ts has the long lists. */
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal } from '../../src/server/domain/portals/portals.ts';
import { listSessions } from '../../src/server/domain/sessions/session-list.ts';
import { commandLine } from '../../src/server/domain/workspaces/audit.ts';
import { createRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import type { Page, PageRequest } from '../../src/server/store/page.ts';
import { newWorkspace, numbers, openStore, type TestWorkspace, walk } from '../support/store.ts';

const { store, stop } = await openStore();
afterAll(stop);

/** Each look at the clock is a millisecond later, so that the order of creation is exact. */
let now = 0;
beforeEach(() => {
  now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now++);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Each creates items one by one, oldest first, and reads them as the text of each. */
const lists: Record<
  string,
  (
    workspace: TestWorkspace,
  ) => Promise<{ create(i: number): Promise<unknown>; read(page: PageRequest): Promise<Page<string>> }>
> = {
  portals: async ({ workspaceId }) => ({
    create: (i) => createPortal(store, workspaceId, { slug: `portal-${i}` }, commandLine),
    read: async (page) => names(await store.portals.list(workspaceId, page), ({ slug }) => slug),
  }),
  APIs: async ({ workspaceId }) => ({
    create: (i) => createApi(store, workspaceId, { name: `api-${i}` }, commandLine),
    read: async (page) => names(await store.apis.list(workspaceId, page), ({ name }) => name),
  }),
  'sessions of a portal': async ({ workspaceId, newPortal, pend }) => {
    const slug = await newPortal();
    return {
      create: (i) => pend(slug, `user-${i}`),
      read: async (page) => names(await listSessions(store, workspaceId, { slug }, page), (one) => one.externalId),
    };
  },
  'sessions of a user': async ({ workspaceId, newPortal, pend }) => {
    const slug = await newPortal();
    return {
      create: (i) => pend(slug, 'user', [`api.api-${i}.read_key`]),
      read: async (page) =>
        names(await listSessions(store, workspaceId, { externalId: 'user' }, page), (one) => `${one.permissions}`),
    };
  },
  keys: async ({ workspaceId, newApi, newPortal, enter, newKey }) => {
    const apiId = await newApi();
    const session = await enter(await newPortal({ apiIds: [apiId] }), 'user');
    return {
      create: (i) => newKey(session, apiId, { name: `key-${i}` }),
      read: async (page) => {
        const owner = { workspaceId, externalId: 'user' };
        return names(await store.apiKeys.list(owner, page, () => true), (one) => String(one.name));
      },
    };
  },
  'audit entries': async ({ workspaceId }) => ({
    create: (i) => createApi(store, workspaceId, { name: `api-${i}` }, commandLine),
    read: async (page) =>
      names(await store.audit.list(workspaceId, { action: 'api.create' }, page), (one) => String(one.after?.['name'])),
  }),
};
function names<Item>({ items, ...rest }: Page<Item>, nameOf: (item: Item) => string): Page<string> {
  return { items: items.map(nameOf), ...rest };
}

describe.each(Object.entries(lists))('%s', (_, open) => {
  test.each([
    [0, [0]],
    [2, [2]],
    [3, [2, 1]],
    [4, [2, 2]],
    [5, [2, 2, 1]],
  ])('%s items are in pages of %j, newest first', async (many, sizes) => {
    const { create, read } = await open(await newWorkspace(store));
    for (const i of numbers(many)) await create(i);
    const pages = await walk(read, 2);
    expect(pages.map((items) => items.length)).toEqual(sizes);
    const found = pages.flat().map((name) => Number(/\d+/.exec(name)?.[0]));
    expect(found).toEqual(numbers(many).reverse());
  });

  test('an item that is created between two pages is on neither', async () => {
    const { create, read } = await open(await newWorkspace(store));
    for (const i of numbers(3)) await create(i);
    const first = await read({ limit: 2 });
    await create(3);
    const second = await read({ limit: 2, after: String(first.next) });
    expect([...first.items, ...second.items].map((name) => Number(/\d+/.exec(name)?.[0]))).toEqual([2, 1, 0]);
  });
});

test('root keys and workspaces are listed oldest first', async () => {
  const { workspaceId, rootKey } = await newWorkspace(store);
  const created = [rootKey.rootKeyId];
  for (const _ of numbers(12)) created.push((await createRootKey(store, { workspaceId }, commandLine)).rootKeyId);
  expect((await store.rootKeys.list(workspaceId)).map(({ rootKeyId }) => rootKeyId)).toEqual(created);
  const own = [workspaceId, (await newWorkspace(store)).workspaceId, (await newWorkspace(store)).workspaceId];
  const all = (await store.workspaces.list()).map((workspace) => workspace.workspaceId);
  expect(all.filter((id) => own.includes(id))).toEqual(own);
});
