/** Each step of erasures alone: what it removes, what it leaves, and when it does nothing. erasure.test.ts proves them together. */
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { importKeys } from '../../src/server/domain/keys/imports.ts';
import type { Erasure } from '../../src/server/store/erasures.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { contentsOf, newWorkspace, openStore, type TestWorkspace, usersOf } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  Object.assign(hooks, { refuse: undefined, between: undefined });
});

let workspace: TestWorkspace;
let workspaceId: string;
beforeEach(async () => {
  workspace = await newWorkspace(store);
  workspaceId = workspace.workspaceId;
});

/** Records a user and their erasure. */
async function beginErasure(externalId: string): Promise<Erasure> {
  await workspace.pend(await workspace.newPortal(), externalId, ['api.*.read_key']);
  const identityId = String(await store.identities.findId({ workspaceId, externalId }));
  const erasure = { workspaceId, externalId, identityId, since: 1 };
  await redis.hSet(keys.erasures(workspaceId), identityId, JSON.stringify({ externalId, since: 1 }));
  return erasure;
}
const begun = async (externalId: string) => {
  const erasure = await beginErasure(externalId);
  expect(await store.erasures.mark(erasure)).toBe(true);
  return erasure;
};

test('only the identity that is to be erased is marked, and only what has nothing left is finished', async () => {
  const erasure = await beginErasure('ada');
  const before = await contentsOf(opened, workspaceId);
  expect(await store.erasures.mark({ ...erasure, identityId: 'id_other' })).toBe(false);
  expect(await store.erasures.mark({ ...erasure, externalId: 'nobody' })).toBe(false);
  expect(await contentsOf(opened, workspaceId)).toEqual(before);
  expect(await store.erasures.mark(erasure)).toBe(true);
  expect(await store.erasures.finish(erasure)).toBe(false);
  await store.erasures.removeSessions(erasure);
  expect(await store.erasures.list(workspaceId)).toEqual([erasure]);
  expect(await store.erasures.finish(erasure)).toBe(true);
  await store.erasures.forget(erasure);
  expect(await store.erasures.list(workspaceId)).toEqual([]);
  expect(await store.identities.findId({ workspaceId, externalId: 'ada' })).toBeUndefined();
});

test('all keys of the user are removed with their forwards, and those of another user are not', async () => {
  const [ada = '', neighbour = ''] = usersOf(partitionOf({ workspaceId, externalId: 'ada' }), 2);
  const apiId = await workspace.newApi();
  const erasure = await beginErasure(ada);
  const toImport = (externalId: string, i: number) => ({
    ...{ externalId, start: 'old_' },
    hash: createHash('sha256').update(`${externalId} ${i}`).digest('hex'),
  });
  const importTo = (externalId: string, many: number) => {
    const all = Array.from({ length: many }, (_, i) => toImport(externalId, i));
    return importKeys(store, workspace.rootKey, { apiId, keys: all }, 1000);
  };
  const records = async () =>
    Object.keys(await contentsOf(opened, workspaceId))
      .filter((name) => /api-key|forward|key-id|user-key/.test(name))
      .sort();
  await importTo(neighbour, 2);
  const ofNeighbour = await records();
  await importTo(ada, 41);
  const all = await records();
  expect(all.filter((name) => name.startsWith('forward:')).length).toBeGreaterThan(20);
  // One of another identity is not this erasure's.
  await store.erasures.removeKeys({ ...erasure, identityId: 'id_other' });
  await store.erasures.removeKeys(erasure);
  expect(await records()).toEqual(all);
  await store.erasures.mark(erasure);
  // The index of one key has gone before, so nobody finds its record and its forward.
  const place = partitionOf(erasure);
  const ids = all
    .filter((name) => !ofNeighbour.includes(name))
    .flatMap((name) => /^key-id:(\S+)/.exec(name)?.[1] ?? []);
  const hashes = await Promise.all(ids.map((id) => redis.get(keys.keyId(place, id))));
  const at = hashes.findIndex((hash) => all.includes(`forward:api-key:${hash}`));
  await redis.del(keys.keyId(place, String(ids[at])));
  await store.erasures.removeKeys(erasure);
  expect(await records()).toEqual([...ofNeighbour, `api-key:${hashes[at]}`, `forward:api-key:${hashes[at]}`].sort());
});

describe('the redaction of erasures', () => {
  const mark = (externalId: string) => `{"subject":{"externalId":${JSON.stringify(externalId)}}}`;
  const redacted = (erasure: Erasure) => (entry: string) => (entry === mark(erasure.externalId) ? 'redacted' : entry);
  const never = () => Promise.reject(new Error('no other erasure has begun'));
  const redact = (erasure: Erasure, first: (other: Erasure) => Promise<void> = never) =>
    store.erasures.redact(erasure, redacted(erasure), first);
  const logOf = (erasure: Erasure) => keys.sessionAudit(partitionOf(erasure));
  /** Replaces a log by these entries. */
  async function fill(log: string, entries: string[]) {
    await redis.del(log);
    await Promise.all(entries.map((entry, i) => redis.xAdd(log, `1-${i + 1}`, { entry })));
  }
  const entriesOf = async (log: string) =>
    ((await redis.xRange(log, '-', '+')) ?? []).map(({ id, message }) => `${id} ${message['entry']}`);
  const listed = (entries: string[]) => entries.map((entry, i) => `1-${i + 1} ${entry}`);
  const fillers = (many: number) => Array.from({ length: many }, (_, i) => `{"i":${i}}`);

  test.each([
    [0, 0],
    [3, 0],
    [200, 0],
    [400, 0],
    [0, 200],
  ])('leaves logs of %i and %i entries that do not name the user', async (inPartition, atHome) => {
    const erasure = await begun('ada');
    await fill(logOf(erasure), fillers(inPartition));
    await fill(keys.audit(workspaceId), fillers(atHome));
    hooks.refuse = (command) => command === 'beginRedaction';
    await redact(erasure);
    expect(await entriesOf(logOf(erasure))).toEqual(listed(fillers(inPartition)));
    expect(await entriesOf(keys.audit(workspaceId))).toEqual(listed(fillers(atHome)));
  });

  test.each([
    ['first', 0, 2],
    ['in the middle', 3, 5],
    ['last of one page', 199, 200],
    ['first of the next page', 200, 200],
    ['last of two pages', 399, 399],
    ['on the third page', 400, 401],
  ])('changes only the entry that names the user: %s', async (_, at, many) => {
    const erasure = await begun('ada');
    const other = mark('ada lovelace');
    const entries = [...fillers(many), other].toSpliced(at, 0, mark('ada'));
    const after = [...fillers(many), other].toSpliced(at, 0, 'redacted');
    for (const log of [logOf(erasure), keys.audit(workspaceId)]) await fill(log, entries);
    await redact(erasure);
    for (const log of [logOf(erasure), keys.audit(workspaceId)]) {
      expect(await entriesOf(log)).toEqual(listed(after));
      expect(await redis.exists([keys.redaction(log), keys.redactedLog(log)])).toBe(0);
    }
  });

  test('of a user who is not being erased changes nothing', async () => {
    const erasure = await begun('ada');
    const gone = { ...erasure, identityId: 'id_gone' };
    for (const log of [logOf(erasure), keys.audit(workspaceId)]) await fill(log, [mark('ada')]);
    await redact(gone);
    for (const log of [logOf(erasure), keys.audit(workspaceId)]) {
      expect(await entriesOf(log)).toEqual(listed([mark('ada')]));
      expect(await redis.exists([keys.redaction(log), keys.redactedLog(log)])).toBe(0);
    }
  });

  test('goes on where another process was killed, although the log of that one names the user no more', async () => {
    const erasure = await begun('ada');
    const log = logOf(erasure);
    await fill(log, fillers(2));
    await fill(keys.audit(workspaceId), []);
    await redis.set(keys.redaction(log), erasure.identityId);
    await redact(erasure);
    expect(await entriesOf(log)).toEqual(listed(fillers(2)));
    expect(await redis.exists([keys.redaction(log), keys.redactedLog(log)])).toBe(0);
  });

  test('waits for another user who is being removed from the log, by their identity', async () => {
    const [first = '', second = '', third = ''] = usersOf(partitionOf({ workspaceId, externalId: 'ada' }), 3);
    const erasures = [await begun(first), await begun(second), await begun(third)] as const;
    const log = logOf(erasures[0]);
    await fill(log, [mark(first), mark(second)]);
    await redis.set(keys.redaction(log), erasures[1].identityId);
    const others: unknown[] = [];
    await redact(erasures[0], async (other) => {
      others.push(other, await redis.get(keys.redaction(log)));
      await redact(other);
    });
    expect(others).toEqual([erasures[1], erasures[1].identityId]);
    expect(await entriesOf(log)).toEqual(listed(['redacted', 'redacted']));
  });

  test('does not wait for one that a failover has lost, and drops what it had copied', async () => {
    const erasure = await begun('ada');
    const log = logOf(erasure);
    await fill(log, [mark('ada'), '{}']);
    await redis.set(keys.redaction(log), 'id_lost');
    await redis.xAdd(keys.redactedLog(log), '1-1', { entry: 'of the lost one' });
    await redact(erasure);
    expect(await entriesOf(log)).toEqual(listed(['redacted', '{}']));
    expect(await redis.exists([keys.redaction(log), keys.redactedLog(log)])).toBe(0);
  });

  test.each([0, 1, 2, 3, 4, 5, 6])('redacts what is added before its command %i', async (roundTrips) => {
    const erasure = await begun('ada');
    const log = logOf(erasure);
    await fill(log, [mark('ada'), ...fillers(2)]);
    await fill(keys.audit(workspaceId), []);
    hooks.between = { roundTrips, step: () => redis.xAdd(log, '1-4', { entry: mark('ada') }) };
    await redact(erasure);
    const isLate = roundTrips > 5;
    expect([roundTrips, await entriesOf(log)]).toEqual([
      roundTrips,
      listed(['redacted', ...fillers(2), isLate ? mark('ada') : 'redacted']),
    ]);
  });

  test('ends with the erasure that another process completes meanwhile', async () => {
    const erasure = await begun('ada');
    const log = logOf(erasure);
    await fill(log, [mark('ada')]);
    await fill(keys.audit(workspaceId), []);
    hooks.between = { roundTrips: 4, step: () => redis.del(keys.identity(erasure)) };
    await redact(erasure);
    expect(await entriesOf(log)).toEqual(listed([mark('ada')]));
  });
});
