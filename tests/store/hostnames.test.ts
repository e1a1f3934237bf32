/** The host names of portals: one belongs to one portal of all workspaces, also if a process dies in between. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { hostOf, isServedAt, originOf, portalOfHost } from '../../src/server/domain/portals/hosts.ts';
import { createPortal, deletePortal, getPortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { keys } from '../../src/server/store/keys.ts';
import { newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  Object.assign(hooks, { refuse: undefined, between: undefined });
});

const taken = { code: 'unkey/data/portal_hostname_taken' };
let workspace: TestWorkspace;
let other: TestWorkspace;
let hostname: string;
let count = 0;
beforeEach(async () => {
  [workspace, other] = [await newWorkspace(store), await newWorkspace(store)];
  hostname = `h${++count}.acme.example`;
});
const create = (slug: string, settings: object = { hostname }, { workspaceId } = workspace) =>
  createPortal(store, workspaceId, { slug, ...settings }, commandLine);
const update = (slug: string, settings: Parameters<typeof updatePortal>[3], { workspaceId } = workspace) =>
  updatePortal(store, workspaceId, slug, settings, commandLine);
const ownerOf = async (name: string) => (await hostOf(store, name, 'portal.example')).owner;
const claim = () => opened.redis.get(keys.hostname(hostname));

test('a host name belongs to one portal, until it gives it up or is deleted', async () => {
  const first = await create('first');
  expect(await ownerOf(hostname)).toEqual({ workspaceId: workspace.workspaceId, portalId: first.portalId });
  await expect(create('second')).rejects.toMatchObject(taken);
  await expect(create('second', { hostname }, other)).rejects.toMatchObject(taken);
  await expect(getPortal(store, other.workspaceId, 'second')).rejects.toMatchObject({
    code: 'unkey/data/portal_config_not_found',
  });
  await create('second', {}, other);
  await expect(update('second', { hostname }, other)).rejects.toMatchObject(taken);
  expect(await getPortal(store, other.workspaceId, 'second')).toMatchObject({ version: 1 });
  await update('first', { hostname: null });
  expect(await claim()).toBeNull();
  await update('second', { hostname }, other);
  await expect(update('first', { hostname })).rejects.toMatchObject(taken);
  await deletePortal(store, other.workspaceId, 'second', commandLine);
  expect(await claim()).toBeNull();
  await update('first', { hostname });
  await update('first', { hostname: `new-${hostname}` });
  expect(await claim()).toBeNull();
  expect(await ownerOf(`new-${hostname}`)).toMatchObject({ portalId: first.portalId });
});

test('a change that is refused gives back what it has claimed', async () => {
  await create('first', {});
  await expect(create('first')).rejects.toMatchObject({ code: 'unkey/data/portal_config_already_exists' });
  await expect(update('first', { hostname, apiIds: ['api_neverWas000000000000'] })).rejects.toMatchObject({
    code: 'unkey/application/invalid_input',
  });
  await expect(update('first', { hostname, version: 7 })).rejects.toMatchObject({
    code: 'unkey/data/portal_config_version_conflict',
  });
  expect(await claim()).toBeNull();
});

test('a claim without a record is another portal’s for a minute, and then anybody’s', async () => {
  const { portalId, workspaceId } = await create('crashed', {}, other);
  const claimed = (ago: number) => `${workspaceId} ${portalId} ${Date.now() - ago}`;
  await opened.redis.set(keys.hostname(hostname), claimed(1000));
  await expect(create('first')).rejects.toMatchObject(taken);
  expect(await ownerOf(hostname)).toBeUndefined();
  await opened.redis.set(keys.hostname(hostname), claimed(61_000));
  const { portalId: mine } = await create('first');
  expect(await claim()).toMatch(new RegExp(`^${workspace.workspaceId} ${mine} \\d+$`));
});

test('the portal that has died in between can finish at once', async () => {
  const { portalId, workspaceId } = await create('crashed', {});
  await opened.redis.set(keys.hostname(hostname), `${workspaceId} ${portalId} ${Date.now()}`);
  expect(await update('crashed', { hostname })).toMatchObject({ hostname, version: 2 });
});

test('a portal that returns to its host name at any moment while it gives it up keeps it', async () => {
  const { portalId } = await create('first');
  const next = `next-${hostname}`;
  let returns = 0;
  for (let roundTrips = 0; roundTrips === returns; roundTrips++) {
    const step = async () => {
      returns += 1;
      await update('first', { hostname: next });
      await update('first', { hostname });
    };
    opened.hooks.between = { roundTrips, step };
    await update('first', { hostname: next });
    opened.hooks.between = undefined;
    const { hostname: held = '' } = await getPortal(store, workspace.workspaceId, 'first');
    const claimed = await opened.redis.get(keys.hostname(held));
    expect([roundTrips, held, claimed?.split(' ')[1]]).toEqual([roundTrips, held, portalId]);
    await update('first', { hostname });
  }
  expect(returns).toBeGreaterThan(5);
});

test('of many portals that want a host name at once, one gets it', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => create(`portal-${i}`)));
  expect(tries.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  expect(await claim()).not.toBeNull();
});

test('a host is that of its portal, and a name that no portal can have is not looked up', async () => {
  const portal = await create('first');
  const here = await hostOf(store, hostname, 'portal.example');
  expect(await portalOfHost(store, here)).toMatchObject({ slug: 'first' });
  expect(isServedAt(portal, here)).toBe(true);
  expect(isServedAt({}, here)).toBe(false);
  for (const name of ['127.0.0.1', 'localhost', '', `${'a'.repeat(250)}.example`, 'portal.example']) {
    const elsewhere = await hostOf(store, name, 'portal.example');
    expect(elsewhere).toEqual({ name });
    expect([isServedAt({}, elsewhere), isServedAt(portal, elsewhere)]).toEqual([true, false]);
    expect(await portalOfHost(store, elsewhere)).toBeUndefined();
  }
});

test('a process remembers whose a host is, and knows of its own changes', async () => {
  expect(await ownerOf(hostname)).toBeUndefined();
  const { portalId } = await create('first');
  expect(await ownerOf(hostname)).toMatchObject({ portalId });
  await opened.redis.del(keys.hostname(hostname));
  expect(await ownerOf(hostname)).toMatchObject({ portalId });
  const another = await openStore();
  expect(await another.store.hostnames.find(hostname)).toBeUndefined();
  await another.stop();
});

test.each([
  ['https://portal.example', undefined, 'https://portal.example'],
  ['https://portal.example', 'keys.acme.example', 'https://keys.acme.example'],
  ['http://localhost:3000', 'acme.localhost', 'http://acme.localhost:3000'],
])('the origin of %s with the host %s is %s', (base, name, expected) => {
  expect(originOf(base, name)).toBe(expected);
});

describe('the claims of hostnames follow a portal', () => {
  const { redis } = opened;
  const portalWith = (name?: string, portalId = 'portal_1', { workspaceId } = workspace) => ({
    ...{ workspaceId, portalId },
    ...(name !== undefined && { hostname: name }),
  });
  type Portal = ReturnType<typeof portalWith>;
  const record = (portal: Portal) =>
    redis.hSet(keys.portals(portal.workspaceId), portal.portalId, JSON.stringify(portal));
  const claimOf = ({ workspaceId, portalId }: Portal, at: number) => `${workspaceId} ${portalId} ${at}`;
  const putClaim = (portal: Portal, at: number) => redis.set(keys.hostname(hostname), claimOf(portal, at));
  /** Gives a portal the host name. */
  const take = async (after: Portal, before?: Portal) =>
    store.hostnames.follow(before, after, async () => {
      await record(after);
      return 'changed';
    });

  test('with no command if its host name does not change', async () => {
    hooks.refuse = () => true;
    const pairs: [Portal | undefined, Portal | undefined][] = [
      [portalWith(hostname), portalWith(hostname)],
      [portalWith(), portalWith()],
      [portalWith(), undefined],
      [undefined, undefined],
    ];
    const outcomes = await Promise.all(
      pairs.map(([before, after]) => store.hostnames.follow(before, after, async () => 'changed')),
    );
    expect(outcomes).toEqual(pairs.map(() => 'changed'));
  });

  test('with a later claim each time, also if the clock has gone back', async () => {
    const mine = portalWith(hostname);
    const ahead = Date.now() + 3_600_000;
    await putClaim(mine, ahead);
    expect(await take(mine)).toBe('changed');
    expect(await claim()).toBe(claimOf(mine, ahead + 1));
    await putClaim(mine, 1000);
    const begun = Date.now();
    expect(await take(mine)).toBe('changed');
    expect(Number((await claim())?.split(' ')[2])).toBeGreaterThanOrEqual(begun);
  });

  test.each([0, 59_000, 3_600_000])(
    'and not to one whose record another portal has, %i ms after its claim',
    async (age) => {
      const theirs = portalWith(hostname, 'portal_2', other);
      await record(theirs);
      await putClaim(theirs, Date.now() - age);
      const before = await claim();
      expect(await take(portalWith(hostname))).toEqual({ outcome: 'hostname_taken' });
      expect(await claim()).toBe(before);
    },
  );

  test('and not to one that another portal takes between two of its commands', async () => {
    const [mine, theirs] = [portalWith(hostname), portalWith(hostname, 'portal_2', other)];
    await putClaim(mine, 1000);
    // It was found as its own, and is not renewed yet.
    hooks.between = { roundTrips: 2, step: () => Promise.all([record(theirs), putClaim(theirs, 2000)]) };
    expect(await take(mine)).toEqual({ outcome: 'hostname_taken' });
    expect(await claim()).toBe(claimOf(theirs, 2000));
  });

  test('to one that another portal gives up between two of its commands', async () => {
    await putClaim(portalWith(hostname, 'portal_2', other), Date.now());
    hooks.between = { roundTrips: 1, step: () => redis.del(keys.hostname(hostname)) };
    expect(await take(portalWith(hostname))).toBe('changed');
    expect(await claim()).toMatch(`${workspace.workspaceId} portal_1 `);
  });

  test('from one that it gives up, unless the claim is of another portal or the change fails', async () => {
    const [mine, theirs] = [portalWith(hostname), portalWith(hostname, 'portal_2', other)];
    await take(mine);
    const held = await claim();
    const failed = store.hostnames.follow(mine, portalWith(), () => Promise.reject(new Error('refused')));
    await expect(failed).rejects.toThrow('refused');
    expect(await claim()).toBe(held);
    await take(portalWith(), mine);
    expect(await claim()).toBeNull();
    // Another portal has claimed it, and has not written its record yet.
    await putClaim(theirs, 2000);
    await take(portalWith(), mine);
    expect(await claim()).toBe(claimOf(theirs, 2000));
    await redis.del(keys.hostname(hostname));
    expect(await take(portalWith(), mine)).toBe('changed');
    expect(await claim()).toBeNull();
  });
});
