import { expect, test } from '@jest/globals';
import type { Store } from '../../store/index.ts';
import { partitionCount } from '../../store/partitions.ts';
import type { Operator } from '../../store/proof.ts';
import type { Workspace } from '../../store/workspaces.ts';
import { busyMs, dueWorkspaces, migrate } from './migration.ts';

const by = { proof: { actor: { type: 'cli' } } as Operator };
const old = (workspaceId: string): Workspace => ({ workspaceId, name: 'Acme', enabled: true, createdAt: 1 });
const migrated = (workspaceId: string): Workspace => ({ ...old(workspaceId), partitions: partitionCount });

async function* batchesOf<Item>(...batches: Item[][]) {
  for (const batch of batches) yield batch;
}

/** A store with data of 0.1.0 in two workspaces, and one without. It writes down what changes it. */
function oldStore({
  keysAfter = [] as string[][],
  leftoversAfter = [] as string[][],
  unfinished = [] as string[],
  gone = [] as string[],
} = {}) {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    async (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const workspaces = new Map(
    [old('ws_1'), migrated('ws_2'), old('ws_3'), old('ws_4')].map((each) => [each.workspaceId, each]),
  );
  const keys = [[['k1', 'k2'], ['k3']], keysAfter];
  const leftovers = [[['l1'], ['l2', 'l3', 'l4'], ['l5']], leftoversAfter];
  const store = {
    workspaces: {
      list: async () => [...workspaces.values()],
      find: async (id: string) => (gone.includes(id) ? undefined : workspaces.get(id)),
      put: async (workspace: Workspace, change: object) => {
        calls.push(['put', workspace, change]);
        workspaces.set(workspace.workspaceId, workspace);
      },
    },
    migration: {
      lastCallMs: async (ids: string[]) => (ids.join() === 'ws_1,ws_3' ? 200 : 0),
      oldKeys: (ids: string[]) => batchesOf(...(ids.includes('ws_1') ? (keys.shift() ?? []) : [])),
      moveKeys: note('move keys'),
      oldDays: () => batchesOf(['d1', 'd2', 'd3', 'd4', 'd5', 'd6']),
      moveDays: note('move days'),
      leftovers: () => batchesOf(...(leftovers.shift() ?? [])),
      remove: note('remove'),
      finish: async (id: string) => !unfinished.includes(id),
    },
    dataset: { writeFormat: note('format') },
  };
  return { calls, store: store as unknown as Store };
}

const sums = { keys: 3, usage: 6, removed: 5 };
const moves = [
  ['move keys', ['k1', 'k2']],
  ['move keys', ['k3']],
  ['move days', ['d1', 'd2', 'd3', 'd4', 'd5', 'd6'], 30],
  ['remove', ['l1']],
  ['remove', ['l2', 'l3', 'l4']],
  ['remove', ['l5']],
];
const finished = (workspaceId: string) => [
  'put',
  migrated(workspaceId),
  {
    proof: { actor: { type: 'cli' } },
    entry: {
      action: 'workspace.update',
      actor: { type: 'cli' },
      resource: { type: 'workspace', id: workspaceId },
      before: {},
      after: { partitions: partitionCount },
    },
  },
];

test('a migration is due for the workspaces that no partitions are recorded of, and waits for their last call', async () => {
  const { store } = oldStore();
  expect(await dueWorkspaces(store)).toEqual([old('ws_1'), old('ws_3'), old('ws_4')]);
  expect(await busyMs(store, [old('ws_1'), old('ws_3')])).toBe(200);
});

test('a migration moves everything, says how far it is, and records each workspace and the format', async () => {
  const { calls, store } = oldStore();
  const progress: object[] = [];
  const onProgress = (now: object) => progress.push({ ...now });
  const due = await dueWorkspaces(store);
  expect(await migrate(store, due, { retentionDays: 30, onProgress }, by)).toEqual({ workspaces: 3, ...sums, left: 0 });
  expect(calls).toEqual([...moves, finished('ws_1'), finished('ws_3'), finished('ws_4'), ['format']]);
  expect(progress).toEqual([
    { workspaces: 3, keys: 2, usage: 0, removed: 0 },
    { workspaces: 3, keys: 3, usage: 0, removed: 0 },
    { workspaces: 3, keys: 3, usage: 6, removed: 0 },
    { workspaces: 3, keys: 3, usage: 6, removed: 1 },
    { workspaces: 3, keys: 3, usage: 6, removed: 4 },
    { workspaces: 3, keys: 3, usage: 6, removed: 5 },
  ]);
});

test('a migration in a dry run only counts', async () => {
  const { calls, store } = oldStore({ keysAfter: [['k9']], unfinished: ['ws_1'] });
  const plan = { retentionDays: 30, isDryRun: true };
  expect(await migrate(store, [old('ws_1')], plan, by)).toEqual({ workspaces: 1, ...sums, left: 0 });
  expect(calls).toEqual([]);
});

test('a migration of one workspace leaves the format to the last one, and one that is recorded already as it is', async () => {
  const { calls, store } = oldStore();
  const some = [old('ws_1'), migrated('ws_2')];
  expect(await migrate(store, some, { retentionDays: 30 }, by)).toEqual({ workspaces: 2, ...sums, left: 0 });
  expect(calls).toEqual([...moves, finished('ws_1')]);
});

test.each([
  ['keys', { keysAfter: [['k9'], ['k8', 'k7']] }, 3],
  ['other records', { leftoversAfter: [['l9']] }, 1],
])('a migration records nothing if a server of 0.1.0 has written %s meanwhile', async (_, after, left) => {
  const { calls, store } = oldStore(after);
  const due = await dueWorkspaces(store);
  expect(await migrate(store, due, { retentionDays: 30 }, by)).toEqual({ workspaces: 3, ...sums, left });
  expect(calls).toEqual(moves);
});

test('a migration counts each workspace that a server of 0.1.0 still writes to, and finishes the others', async () => {
  const { calls, store } = oldStore({ unfinished: ['ws_1', 'ws_4'] });
  const due = await dueWorkspaces(store);
  expect(await migrate(store, due, { retentionDays: 30 }, by)).toEqual({ workspaces: 3, ...sums, left: 2 });
  expect(calls).toEqual([...moves, finished('ws_3')]);
});

test('a migration fails if a workspace of it does not exist any more', async () => {
  const { store } = oldStore({ gone: ['ws_3'] });
  const migration = migrate(store, [old('ws_1'), old('ws_3')], { retentionDays: 30 }, by);
  await expect(migration).rejects.toMatchObject({ code: 'unkey/data/workspace_not_found' });
});
