import { expect, test } from '@jest/globals';
import type { AuditEntry } from '../../../../generated/client/types.gen.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { Operator } from '../../store/proof.ts';
import { backupTimeOf, beginFence, enabledKeys, fenceWorkspace, finishFence, type Knowledge } from './fence.ts';

const workspaceId = 'ws_1';
const by = { proof: { actor: { type: 'cli' } } as Operator, requestId: 'req_1' };
const backupTime = 10_000_000;

/** A list of records in pages of two. It refuses a page that was read before, as nobody would get to the end of it. */
function listOf<Item>(items: Item[]) {
  const read = new Set<string>();
  return ({ limit, after = '0', ...rest }: { limit: number; after?: string }, wanted = (_: Item) => true) => {
    if (limit !== 100 || read.has(after) || Object.keys(rest).length > 0) throw new Error('no page to ask for');
    read.add(after);
    const end = Number(after) + 2;
    return {
      items: items.slice(Number(after), end).filter(wanted),
      ...(end < items.length && { next: String(end) }),
    };
  };
}

const keysOfApi: Record<string, { keyId: string; enabled: boolean }[]> = {
  api_1: ['1', '2', '3', '4', '5'].map((n) => ({ keyId: `key_${n}`, enabled: n !== '2' })),
  api_2: [],
  api_3: [{ keyId: 'key_6', enabled: true }],
};

/** A workspace with three portals, three APIs with six keys, and three root keys. It writes down what changes it. */
function workspace(revoke: (rootKeyId: string) => boolean = () => true) {
  const calls: unknown[][] = [];
  const note =
    <Result>(name: string, result: (...args: never[]) => Result) =>
    async (...args: never[]) => {
      calls.push([name, ...args]);
      return result(...args);
    };
  const portals = listOf(['a', 'b', 'c'].map((slug) => ({ slug })));
  const apis = listOf(Object.keys(keysOfApi).map((apiId) => ({ apiId })));
  const users = listOf(['ann', 'bob', 'cleo'].map((externalId) => ({ identityId: `id_${externalId}`, externalId })));
  const lists = new Map(Object.entries(keysOfApi).map(([apiId, keys]) => [apiId, listOf(keys)]));
  const store = {
    portals: { list: async (_: string, page: never) => portals(page) },
    apis: {
      list: async (_: string, page: never) => apis(page),
      find: async (_: string, apiId: string) => ({ apiId, name: 'API', createdAt: 1 }),
    },
    apiKeys: {
      listOfApi: async (_: string, apiId: string, page: never, wanted: never) => lists.get(apiId)?.(page, wanted),
      findById: async (_: string, keyId: string) =>
        keyId === 'key_9' ? undefined : { record: { keyId, enabled: true }, hash: 'h', text: 't' },
      replace: note('replace', () => 'ok'),
      delete: note('delete', () => 'ok'),
    },
    rootKeys: {
      list: async () => ['rk_1', 'rk_2', 'rk_3'].map((rootKeyId) => ({ rootKeyId })),
      revoke: note('revoke', (...[, rootKeyId]: string[]) => revoke(String(rootKeyId))),
    },
    identities: {
      list: async (_: string, wanted: never, page: never) => users(page, wanted),
      find: async ({ externalId }: { externalId: string }) => ({
        identity: { identityId: `id_${externalId}`, externalId },
      }),
      findId: async ({ externalId }: { externalId: string }) => `id_${externalId}`,
    },
    erasures: {
      begin: note('erase', () => undefined),
      mark: async () => false,
      forget: async () => undefined,
      list: note('unfinished erasures', () => []),
    },
    sessions: { endAll: note('end', () => undefined) },
    dataset: {
      beginFence: note('begin', () => undefined),
      finishWorkspace: note('finish', () => undefined),
    },
  };
  return { calls, store: store as unknown as Store };
}

const ends = ['a', 'b', 'c'].map((slug) => [
  'end',
  workspaceId,
  slug,
  {
    proof: { actor: { type: 'cli' }, workspaceId },
    entry: {
      action: 'session.revoke',
      actor: { type: 'cli' },
      requestId: 'req_1',
      resource: { type: 'session', id: slug },
      after: { slug },
    },
  },
  'without any',
]);
const nothing = { portals: 3, made: 0, there: 0, lost: 0, undecided: [] };

/** An entry about a resource, in the order of the calls. */
let serial = 0;
function entryOf(action: string, id: string, more: object = {}): AuditEntry {
  serial += 1;
  const entry = { auditId: `${serial}-0`, time: backupTime, action, resource: { type: action.split('.')[0], id } };
  return { ...entry, ...more } as unknown as AuditEntry;
}

/** What a fence with these entries does. */
async function fence(entries: AuditEntry[], revoke?: (rootKeyId: string) => boolean, since = backupTime) {
  const { calls, store } = workspace(revoke);
  const sums = await fenceWorkspace(store, workspaceId, { knowledge: { entries }, backupTime: since }, by);
  return { sums, calls };
}

test.each([
  ['it was recorded', { restored: 3, gap: { from: 2, to: 4 }, beat: 1 }, 3],
  ['it was recorded as unknown', { restored: 0, gap: { from: 2, to: 4 }, beat: 1 }, 0],
  ['there was a time without a server', { gap: { from: 2, to: 4 }, beat: 1 }, 2],
  ['a server last worked with it', { beat: 1 }, 1],
  ['nothing says when', {}, 0],
])('the backup of a fence was made when %s', (_, dataset, time) => {
  expect(backupTimeOf({ ...dataset, fenced: [] })).toBe(time);
});

test('a fence that keeps everything else ends the sessions of all portals, between its mark and its end', async () => {
  const { calls, store } = workspace();
  const sums = await fenceWorkspace(store, workspaceId, { knowledge: 'keep', backupTime }, by);
  expect(sums).toEqual(nothing);
  expect(calls).toEqual([
    ['begin', backupTime],
    ...ends,
    ['unfinished erasures', workspaceId],
    ['finish', workspaceId],
  ]);
});

test('a fence that only begins ends the sessions, and leaves the workspace unfinished', async () => {
  const { calls, store } = workspace();
  await beginFence(store, workspaceId, backupTime, by);
  expect(calls).toEqual([['begin', backupTime], ...ends]);
});

test('a fence that trusts nothing disables every enabled key, and revokes every root key', async () => {
  const { calls, store } = workspace();
  const sums = await fenceWorkspace(store, workspaceId, { knowledge: 'disable', backupTime }, by);
  expect(sums).toEqual({ ...nothing, made: 8 });
  const disabled = calls.filter(([name]) => name === 'replace').map(([, , , after]) => after);
  expect(disabled).toEqual(
    [1, 3, 4, 5, 6].map((n) => ({ keyId: `key_${n}`, enabled: false, updatedAt: expect.any(Number) })),
  );
  expect(calls.filter(([name]) => name === 'revoke').map(([, , id]) => id)).toEqual(['rk_1', 'rk_2', 'rk_3']);
});

test.each<[string, Knowledge, object]>([
  ['that trusts nothing', 'disable', { made: 8 }],
  ['that keeps everything else', 'keep', {}],
  [
    'with an audit log',
    { entries: [entryOf('root_key.revoke', 'rk_1'), entryOf('identity.delete', 'id_ann')] },
    { made: 2 },
  ],
])('a fence %s says in a dry run what it would do, and changes nothing', async (_, knowledge, sums) => {
  const { calls, store } = workspace();
  const planned = await fenceWorkspace(store, workspaceId, { knowledge, backupTime, isDryRun: true }, by);
  expect(planned).toEqual({ ...nothing, ...sums });
  expect(calls).toEqual([]);
});

test('a fence finds the enabled keys of each page of each API', async () => {
  const { store } = workspace();
  const pages: string[][] = [];
  for await (const page of enabledKeys(store, workspaceId)) pages.push(page.map(({ keyId }) => keyId));
  expect(pages).toEqual([['key_1'], ['key_3', 'key_4'], ['key_5'], [], ['key_6']]);
});

test('a fence counts what it makes again, what is there, and what was created after the backup and is lost', async () => {
  const later = { time: backupTime + 1 };
  const { sums, calls } = await fence([
    entryOf('root_key.revoke', 'rk_1'),
    entryOf('root_key.create', 'rk_2'),
    entryOf('root_key.create', 'rk_4'),
    entryOf('root_key.create', 'rk_5', later),
    entryOf('root_key.create', 'rk_8', later),
    entryOf('root_key.create', 'rk_6', later),
    entryOf('root_key.revoke', 'rk_6', later),
    entryOf('root_key.revoke', 'rk_7', later),
    entryOf('key.update', 'key_9', { ...later, after: { scopes: '(5120 bytes)' } }),
  ]);
  expect(sums).toEqual({ ...nothing, made: 1, there: 1, lost: 2 });
  expect(calls.filter(([name]) => name === 'revoke').map(([, , id]) => id)).toEqual(['rk_1']);
});

test.each([
  ['that is known', backupTime, ['rk_2', 'rk_3']],
  ['that is unknown', 0, ['rk_1', 'rk_2', 'rk_3']],
])('a fence of a backup time %s makes the changes since ten minutes before', async (_, since, revoked) => {
  const revocations = [-600_000, -599_999, 5].map((ms, i) =>
    entryOf('root_key.revoke', `rk_${i + 1}`, { time: backupTime + ms }),
  );
  const { calls } = await fence(revocations, undefined, since);
  expect(calls.filter(([name]) => name === 'revoke').map(([, , id]) => id)).toEqual(revoked);
});

test('a fence erases again the users who were erased, whom the log does not name, on whichever page they are', async () => {
  const { sums, calls } = await fence([
    entryOf('identity.delete', 'id_ann'),
    entryOf('identity.update', 'id_bob', { after: { name: 'B' } }),
    entryOf('identity.delete', 'id_cleo'),
    entryOf('identity.delete', 'id_of_nobody'),
  ]);
  expect(sums).toEqual({ ...nothing, made: 2 });
  expect(calls.flatMap(([name, erasure]) => (name === 'erase' ? [erasure] : []))).toMatchObject([
    { workspaceId, externalId: 'ann', identityId: 'id_ann' },
    { workspaceId, externalId: 'cleo', identityId: 'id_cleo' },
  ]);
});

test('a fence leaves to the operator what the log does not have, what it does not know and what is refused', async () => {
  const cut = { after: { policy: '(5120 bytes)', scopes: '(600 bytes)' } };
  const refuse = (rootKeyId: string): boolean => {
    if (rootKeyId === 'rk_2')
      throw invalidInput({ location: 'body.a', message: 'is wrong' }, { location: 'body.b', message: 'is worse' });
    return rootKeyId === 'rk_3';
  };
  const { sums } = await fence(
    [
      entryOf('ghost.update', 'ghost_1'),
      entryOf('key.update', 'key_1', cut),
      entryOf('key.update', 'key_2', cut),
      entryOf('key.delete', 'key_2'),
      entryOf('api.update', 'api_1', cut),
      entryOf('root_key.revoke', 'rk_1'),
      entryOf('root_key.revoke', 'rk_2'),
      entryOf('root_key.revoke', 'rk_3'),
    ],
    refuse,
  );
  expect(sums).toEqual({
    ...{ portals: 3, made: 3, there: 1, lost: 0 },
    undecided: [
      { resource: 'root_key rk_1', reason: new Problem('unkey/data/key_not_found').message },
      {
        resource: 'root_key rk_2',
        reason: `${invalidInput().message} body.a is wrong body.b is worse`,
      },
      { resource: 'api api_1', reason: 'too long for the audit log: policy, scopes.' },
      {
        resource: 'key key_1',
        reason: 'too long for the audit log: policy, scopes. The key is disabled if they bound it.',
      },
      { resource: 'ghost ghost_1', reason: 'this version does not know what it is' },
    ],
  });
});

test.each([
  ['a Redis that is away', new Problem('unkey/application/service_unavailable')],
  ['an unexpected failure', new Problem('unkey/application/unexpected_error')],
  ['a mistake of our own', new TypeError('a mistake')],
])('a fence ends unfinished by %s', async (_, error) => {
  const fail = () => {
    throw error;
  };
  await expect(fence([entryOf('root_key.revoke', 'rk_1')], fail)).rejects.toBe(error);
});

test.each([
  ['is left', ['ws_1', 'ws_3'], ['ws_2'], []],
  ['are left', [], ['ws_1', 'ws_2', 'ws_3'], []],
  ['is left, so the fence ends', ['ws_1', 'ws_2', 'ws_3'], [], ['end']],
])('of the workspaces those are named that a fence has to finish: %s', async (_, fenced, left, ended) => {
  const calls: unknown[] = [];
  const dataset = { format: 2, restored: 5, fenced };
  const store = {
    dataset: { read: async () => dataset, endFence: async (of: object) => void calls.push('end', of) },
    workspaces: { list: async () => ['ws_1', 'ws_2', 'ws_3'].map((id) => ({ workspaceId: id })) },
  };
  expect(await finishFence(store as unknown as Store)).toEqual(left);
  expect(calls).toEqual(ended.flatMap((call) => [call, dataset]));
});
