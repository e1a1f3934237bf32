/** The reader of sessions: pages of a list, and sessions that have ended together with all of their portal. */
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { sessionRef } from '../../src/server/domain/credentials.ts';
import { keys } from '../../src/server/store/keys.ts';
import type { SessionRef } from '../../src/server/store/proof.ts';
import type { SessionIndex } from '../../src/server/store/session-reader.ts';
import { newWorkspace, openStore, type TestWorkspace, walk } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  hooks.refuse = undefined;
});

let workspace: TestWorkspace;
let workspaceId: string;
let slug: string;
let portalId: string;
beforeEach(async () => {
  workspace = await newWorkspace(store);
  workspaceId = workspace.workspaceId;
  slug = await workspace.newPortal();
  portalId = String(await redis.hGet(keys.portalSlugs(workspaceId), slug));
});

const pend = async (externalId: string, of = slug) =>
  (sessionRef('pst', await workspace.pend(of, externalId)) as SessionRef).handle;
const handles = async (index: SessionIndex, limit = 100) =>
  (await walk((page) => store.sessions.list(workspaceId, index, page), limit)).map((page) =>
    page.map(({ handle }) => handle).sort(),
  );
const forbid = (...commands: string[]) => {
  hooks.refuse = (command) => commands.includes(command);
};

test.each([1, 2, 3, 4, 5, 6])(
  'pages of %i sessions have each once, newest first, and the last one says so',
  async (limit) => {
    for (const externalId of ['ada', 'bob', 'ada', 'eve', 'ada']) await pend(externalId);
    // None has ended, so none is removed from a list.
    forbid('zRem', 'raiseVersion');
    const pages = await walk((page) => store.sessions.list(workspaceId, { slug }, page), limit);
    const places = pages.flat().map(({ grant, handle }) => `${grant.createdAt}:${handle}`);
    expect(new Set(places).size).toBe(5);
    expect(places).toEqual(places.toSorted().reverse());
    expect(pages.map((page) => page.length)).toEqual(
      Array.from({ length: Math.ceil(5 / limit) }, (_, i) => Math.min(limit, 5 - i * limit)),
    );
    expect((await handles({ externalId: 'ada' }, limit)).flat()).toHaveLength(3);
    expect(Object.keys(await store.sessions.list(workspaceId, { slug }, { limit: 5 }))).toEqual(['items']);
  },
);

test('an unknown portal has no list that could be read', async () => {
  await pend('ada');
  forbid('zRange');
  expect(await store.sessions.list(workspaceId, { slug: 'never-was' }, { limit: 5 })).toStrictEqual({ items: [] });
});

test.each<[string, () => Promise<unknown>]>([
  ['were ended at once', () => redis.hSet(keys.portalEpochs(workspaceId), portalId, '1')],
  ['went with their portal', () => redis.hDel(keys.portals(workspaceId), portalId)],
])('sessions that %s are found no more by a reader, and those of another portal are', async (_, end) => {
  const other = await workspace.newPortal();
  const [ended, left] = [await pend('ada'), await pend('ada', other)];
  const read = async () => [
    (await store.sessions.findByHandle(workspaceId, ended))?.handle,
    (await store.sessions.findByHandle(workspaceId, left))?.handle,
    ...(await handles({ externalId: 'ada' })),
  ];
  expect(await read()).toEqual([ended, left, [ended, left].sort()]);
  await end();
  forbid('raiseVersion', 'zRem');
  expect(await read()).toEqual([undefined, left, [left]]);
});

test('a reader that finds an ended session lets all partitions know of it, and no other reader does', async () => {
  const other = await workspace.newPortal();
  const [ended, left] = [await pend('ada'), await pend('ada', other)];
  const published = () => redis.get(keys.published(workspaceId));
  const version = String(await redis.incr(keys.control(workspaceId)));
  await redis.hSet(keys.portalEpochs(workspaceId), portalId, '1');
  const before = await published();
  await store.sessions.findByHandle(workspaceId, left);
  expect(await published()).toBe(before);
  expect(await store.sessions.findByHandle(workspaceId, ended)).toBeUndefined();
  expect(await published()).toBe(version);
});
