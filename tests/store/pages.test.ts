/** Every list in pages: exact items in order, none twice, and the right end. scan-bounds.test.ts has the long lists. */
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sessionRef } from '../../src/server/domain/credentials.ts';
import { deleteKey } from '../../src/server/domain/keys/keys.ts';
import { createApi, deleteApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal, deletePortal } from '../../src/server/domain/portals/portals.ts';
import { listSessions, revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
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

/** Removes an item of a list; undefined if only its age does. */
type Remove = (() => Promise<unknown>) | undefined;

/** Each creates items one by one, oldest first, and reads them as the text of each. */
const lists: Record<
  string,
  (
    workspace: TestWorkspace,
  ) => Promise<{ create(i: number): Promise<Remove>; read(page: PageRequest): Promise<Page<string>> }>
> = {
  portals: async ({ workspaceId }) => ({
    async create(i) {
      const { portalId } = await createPortal(store, workspaceId, { slug: `portal-${i}` }, commandLine);
      return () => deletePortal(store, workspaceId, portalId, commandLine);
    },
    read: async (page) => names(await store.portals.list(workspaceId, page), ({ slug }) => slug),
  }),
  APIs: async ({ workspaceId }) => ({
    async create(i) {
      const { apiId } = await createApi(store, workspaceId, { name: `api-${i}` }, commandLine);
      return () => deleteApi(store, workspaceId, apiId, commandLine);
    },
    read: async (page) => names(await store.apis.list(workspaceId, page), ({ name }) => name),
  }),
  'sessions of a portal': async ({ workspaceId, newPortal, pend }) => {
    const slug = await newPortal();
    return {
      create: async (i) => revoker(workspaceId, await pend(slug, `user-${i}`)),
      read: async (page) => names(await listSessions(store, workspaceId, { slug }, page), (one) => one.externalId),
    };
  },
  'sessions of a user': async ({ workspaceId, newPortal, pend }) => {
    const slug = await newPortal();
    return {
      create: async (i) => revoker(workspaceId, await pend(slug, 'user', [`api.api-${i}.read_key`])),
      read: async (page) =>
        names(await listSessions(store, workspaceId, { externalId: 'user' }, page), (one) => `${one.permissions}`),
    };
  },
  keys: async ({ workspaceId, newApi, newPortal, enter, newKey }) => {
    const apiId = await newApi();
    const session = await enter(await newPortal({ apiIds: [apiId] }), 'user');
    return {
      async create(i) {
        const { keyId } = await newKey(session, apiId, { name: `key-${i}` });
        return () => deleteKey(store, session, keyId);
      },
      read: async (page) => {
        const owner = { workspaceId, externalId: 'user' };
        return names(await store.apiKeys.list(owner, page, () => true), (one) => String(one.name));
      },
    };
  },
  'audit entries': async ({ workspaceId }) => ({
    async create(i) {
      await createApi(store, workspaceId, { name: `api-${i}` }, commandLine);
      return undefined;
    },
    read: async (page) =>
      names(await store.audit.list(workspaceId, { action: 'api.create' }, page), (one) => String(one.after?.['name'])),
  }),
};
function revoker(workspaceId: string, sessionId: string): Remove {
  const handle = String(sessionRef('pst', sessionId)?.handle);
  return () => revokeSessions(store, workspaceId, { handle }, commandLine);
}
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

  test('an item that is created between two pages is on neither, and the last item of a page can be removed', async () => {
    const { create, read } = await open(await newWorkspace(store));
    const [, remove] = [await create(0), await create(1), await create(2)].slice(0, 2);
    const first = await read({ limit: 2 });
    await create(3);
    await remove?.();
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
