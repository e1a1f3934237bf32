/** The audit log as a list: its filters, each at its boundary, and its size in entries and in days. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { createApi } from '../../src/server/domain/portals/apis.ts';
import { keys } from '../../src/server/store/keys.ts';
import { newWorkspace, numbers, openStore, walk } from '../support/store.ts';

const day = 86_400_000;
const maxAgeDays = 2;
/** Half of the entries are for the log at home. */
const audit = { maxEntries: 400, maxAgeDays };
const { store, redis, hooks, stop } = await openStore({ audit });
afterAll(stop);
afterEach(() => {
  hooks.now = undefined;
});

let workspaceId: string;
let stream: string;
beforeEach(async () => {
  ({ workspaceId } = await newWorkspace(store));
  stream = keys.audit(workspaceId);
  await redis.del(stream);
});
/** Writes an entry with this id into a log. */
const addTo = (log: string, id: string, entry: object = {}) =>
  redis.xAdd(log, id, {
    entry: JSON.stringify({
      action: 'api.create',
      actor: { type: 'cli' },
      resource: { type: 'api', id: 'api_1' },
      ...entry,
    }),
  });
/** Writes an entry with this time. */
const add = (time: number, entry: object = {}) => addTo(stream, `${time}-0`, entry);
const timesOf = async (filter: Parameters<typeof store.audit.list>[1]) =>
  (await store.audit.list(workspaceId, filter, { limit: 100 })).items.map(({ time }) => time);
const now = Date.now();

test('each filter leaves out what differs in that alone', async () => {
  const resource = { type: 'api', id: 'api_1' };
  const actor = { type: 'user', id: 'sess_1', externalId: 'user' };
  await add(now - 5, { resource, actor });
  await add(now - 4, { resource, actor, action: 'api.delete' });
  await add(now - 3, { resource, actor: { ...actor, id: 'sess_2' } });
  await add(now - 2, { resource, actor: { ...actor, externalId: 'other' } });
  await add(now - 1, { resource: { ...resource, id: 'api_2' }, actor });
  const all = [1, 2, 3, 4, 5].map((i) => now - i);
  const without = (i: number) => all.filter((time) => time !== now - i);
  expect(await timesOf({})).toEqual(all);
  expect(await timesOf({ action: 'api.create' })).toEqual(without(4));
  expect(await timesOf({ actorId: 'sess_1' })).toEqual(without(3));
  expect(await timesOf({ externalId: 'user' })).toEqual(without(2));
  expect(await timesOf({ resourceId: 'api_1' })).toEqual(without(1));
  const together = { action: 'api.create', actorId: 'sess_1', externalId: 'user', resourceId: 'api_1' } as const;
  expect(await timesOf(together)).toEqual([now - 5]);
  expect((await store.audit.list(workspaceId, together, { limit: 1 })).items).toEqual([
    { auditId: `${now - 5}-64`, time: now - 5, action: 'api.create', actor, resource },
  ]);
});

test('a window includes its start and its end, also on a later page', async () => {
  for (const i of [4, 3, 2, 1]) await add(now - i);
  expect(await timesOf({ startTime: now - 3, endTime: now - 2 })).toEqual([now - 2, now - 3]);
  expect(await timesOf({ startTime: now - 1 })).toEqual([now - 1]);
  expect(await timesOf({ startTime: now })).toEqual([]);
  expect(await timesOf({ endTime: now - 5 })).toEqual([]);
  const filter = { startTime: now - 3, endTime: now - 2 };
  const { next } = await store.audit.list(workspaceId, filter, { limit: 1 });
  const page = await store.audit.list(workspaceId, filter, { limit: 1, after: String(next) });
  expect(page).toEqual({ items: [expect.objectContaining({ time: now - 3 })] });
});

test.each([1, 2])('logs that have the same ids share pages of %s: each entry once, in order', async (limit) => {
  const others = [0, 17, 63].map((partition) => [partition, keys.sessionAudit({ workspaceId, partition })] as const);
  // 64 is the log at home.
  const logs = [...others, [64, stream] as const];
  const places = [
    [now - 2, 0],
    [now - 2, 1],
    [now - 1, 0],
  ] as const;
  const wanted: string[] = [];
  for (const [time, number] of places) {
    for (const [log, name] of logs) {
      await addTo(name, `${time}-${number}`);
      wanted.unshift(`${time}-${number * 100 + log}`);
    }
  }
  const pages = await walk((page) => store.audit.list(workspaceId, {}, page), limit);
  expect(pages.flat().map(({ auditId }) => auditId)).toEqual(wanted);
  expect(pages).toHaveLength(wanted.length / limit);
});

test('who follows the audit log gets the latest entries of all logs first, and then each new one once, in order', async () => {
  const names = [0, 17, 63].map((partition) => keys.sessionAudit({ workspaceId, partition }));
  const logs = [...names, stream].map((name, i) => [name, [0, 17, 63, 64][i] ?? 0] as const);
  /** Adds an entry with this id to each log, the last log first. Returns how the entries are named, in their order. */
  const addAll = async (time: number, number: number) => {
    for (const [name] of logs.toReversed()) await addTo(name, `${time}-${number}`);
    return logs.map(([, log]) => `${time}-${number * 100 + log}`);
  };
  await addTo(stream, `${now - maxAgeDays * day - 60_000}-0`);
  const old = [...(await addAll(now - 3, 0)), ...(await addAll(now - 3, 1)), ...(await addAll(now - 2, 0))];
  const follow = async (next: () => ReturnType<ReturnType<typeof store.audit.follow>>) =>
    (await next()).map(({ auditId }) => auditId);
  const [some, all] = [store.audit.follow(workspaceId, 7), store.audit.follow(workspaceId, 100)];
  expect(await follow(some)).toEqual(old.slice(-7));
  expect(await follow(all)).toEqual(old);
  expect(await follow(some)).toEqual([]);
  const later = [...(await addAll(now - 2, 1)), ...(await addAll(now - 1, 0)), ...(await addAll(now, 0))];
  expect(await follow(some)).toEqual(later);
  expect(await follow(some)).toEqual([]);
  expect(await follow(all)).toEqual(later);
});

describe('the size', () => {
  /** So small that Redis has 100 in each node of the stream. It removes only whole nodes. */
  const addSmall = (time: number) => redis.xAdd(stream, `${time}-0`, { entry: '{}' });
  /** As a process that has just started does: each removes what is too old with the first of its entries. */
  const change = async () => {
    const process = await openStore({ audit });
    process.hooks.now = hooks.now;
    await createApi(process.store, workspaceId, { name: 'API' }, commandLine);
    await process.stop();
  };

  test('in entries is that of the settings, up to a node of 100 more', async () => {
    for (const i of numbers(250)) await addSmall(now - 1000 + i);
    await change();
    expect(await redis.xLen(stream)).toBe(251);
    for (const _ of numbers(50)) await change();
    expect(await redis.xLen(stream)).toBe(201);
  });

  test('in days too: what is older is not listed, and a change removes whole nodes of it', async () => {
    const oldest = now - maxAgeDays * day;
    for (const i of numbers(100)) await addSmall(oldest - 60_000 + i);
    // The test may take a while.
    for (const i of numbers(50)) await addSmall(oldest + 3_600_000 + i);
    expect(await timesOf({})).toHaveLength(50);
    await change();
    expect(await redis.xLen(stream)).toBe(51);
  });

  test('in days keeps an entry whose last millisecond of life this is', async () => {
    hooks.now = now;
    const oldest = (Math.floor(now / 1000) - maxAgeDays * (day / 1000)) * 1000;
    for (const i of numbers(100)) await addSmall(oldest - 99 + i);
    await change();
    expect(await redis.xLen(stream)).toBe(101);
    hooks.now = now + 1000;
    await change();
    expect(await redis.xLen(stream)).toBe(2);
  });
});
