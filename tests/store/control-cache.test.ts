/**
 * What a process caches of control data, when it reads it again, and what it does with changes that are not published: store/control.ts
 * alone, by what it returns and how many commands it sends. control.test.ts tests the calls that depend on it.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { type CheckedControl, type Control, controlStore } from '../../src/server/store/control.ts';
import type { Api, Portal, Workspace } from '../../src/server/store/control-data.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionCount, partitionsOf } from '../../src/server/store/partitions.ts';
import type { Outdated, RootKey } from '../../src/server/store/proof.ts';
import { connectRedis, StoreUnavailable } from '../../src/server/store/redis.ts';
import '../support/patient-redis.ts';
import { type Hooks, withHooks } from '../support/redis-hooks.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const shared = await sharedRedis();
const { client, stop } = await openTargetRedis(shared);
const redis = connectRedis(shared.url);
await redis.ready;
afterAll(() => Promise.all([redis.close(), stop()]));
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** What a process that publishes a version sends: to each partition, and home. */
const toPublish = partitionCount + 1;

/** A process, and a count of the commands of its next call. */
function newProcess() {
  const hooks: Hooks = {};
  const control = controlStore(withHooks(redis, hooks));
  return {
    control,
    hooks,
    /** What a call returns or throws, and how many commands it has sent. */
    async sent<T>(call: () => Promise<T>): Promise<[result: T, commands: number]> {
      hooks.commands = 0;
      const result = await call();
      return [result, hooks.commands];
    },
  };
}

const numbers = (many: number) => Array.from({ length: many }, (_, i) => i);
const accept = () => {};
const refuse = () => {
  throw new Error('refused');
};

/** A workspace with a root key, a portal and an API, written as other processes write it. */
async function newWorkspace() {
  const workspaceId = `ws_${randomUUID()}`;
  const workspace: Workspace = { workspaceId, name: 'Acme', enabled: true, createdAt: 1 };
  const rootKey: RootKey = { rootKeyId: 'root_1', workspaceId, permissions: ['api.*.read_key'], createdAt: 2 };
  const portalOf = (portalId: string): Portal => ({
    ...{ portalId, workspaceId, slug: `slug-of-${portalId}`, enabled: true, allowedReturnOrigins: [] },
    ...{
      branding: { primaryColor: '#123456', showPoweredBy: true },
      apiIds: ['api_1'],
      version: 1,
      createdAt: 3,
      updatedAt: 3,
    },
  });
  const apiOf = (apiId: string): Api => ({
    apiId,
    name: 'API',
    policy: { scopes: { allowed: ['a'] } } as never,
    createdAt: 4,
  });
  const addPortals = (...ids: string[]) =>
    Promise.all(
      ids.flatMap((id) => [
        client.hSet(keys.portals(workspaceId), id, JSON.stringify(portalOf(id))),
        client.hSet(keys.portalSlugs(workspaceId), `slug-of-${id}`, id),
        client.hSet(keys.portalEpochs(workspaceId), id, '5'),
      ]),
    );
  const addApis = (...ids: string[]) =>
    Promise.all(ids.map((id) => client.hSet(keys.apis(workspaceId), id, JSON.stringify(apiOf(id)))));
  const versionKeys = { home: keys.control(workspaceId), published: keys.published(workspaceId) };
  const made = {
    ...{ workspaceId, workspace, rootKey, apiOf, addPortals, addApis },
    place: { workspaceId, partition: 17 },
    entryOf: (portalId: string) => ({ portal: portalOf(portalId), epoch: '5' }),
    /** Sets the version at home, and that of which home knows that all partitions have it. */
    setVersion: (version: string, published = version) =>
      Promise.all([client.set(versionKeys.home, version), client.set(versionKeys.published, published)]),
    /** The versions at home, the published one, and those that partitions know of. */
    async versions() {
      const inPartitions = await client.mGet(partitionsOf(workspaceId).map(keys.controlSeen));
      return [...(await client.mGet([versionKeys.home, versionKeys.published])), ...new Set(inPartitions)];
    },
  };
  await Promise.all([
    made.setVersion('7'),
    client.set(keys.workspace(workspaceId), JSON.stringify(workspace)),
    client.hSet(keys.rootKeys(workspaceId), 'hash', JSON.stringify(rootKey)),
    addPortals('portal_1'),
    addApis('api_1'),
  ]);
  return made;
}

const nothing = { rootKey: undefined, entry: undefined, api: undefined };

describe('control data', () => {
  test.each<[title: string, wanted: Parameters<ReturnType<typeof controlStore>['fresh']>[1], parts: (keyof Control)[]]>(
    [
      ['of a workspace', {}, []],
      ['with a root key', { rootKeyHash: 'hash' }, ['rootKey']],
      ['with a portal by its slug', { slug: 'slug-of-portal_1' }, ['entry']],
      ['with a portal by its id', { portalId: 'portal_1' }, ['entry']],
      ['with an API', { apiId: 'api_1' }, ['api']],
      ['with everything', { rootKeyHash: 'hash', portalId: 'portal_1', apiId: 'api_1' }, ['rootKey', 'entry', 'api']],
    ],
  )('%s is read once, also if other data is cached, and then served without Redis', async (_, wanted, parts) => {
    const { workspaceId, workspace, rootKey, entryOf, apiOf } = await newWorkspace();
    const all = { rootKey, entry: entryOf('portal_1'), api: apiOf('api_1') };
    const found = {
      version: '7',
      workspace,
      ...nothing,
      ...Object.fromEntries(Object.entries(all).filter(([part]) => parts.includes(part as never))),
    };
    const { control, sent } = newProcess();
    const read = () => sent(() => control.current(workspaceId, wanted, accept));
    expect(await sent(() => control.current(workspaceId, {}, accept))).toEqual([
      { version: '7', workspace, ...nothing },
      1,
    ]);
    expect(await read()).toEqual([found, parts.length === 0 ? 0 : 1]);
    expect(await read()).toEqual([found, 0]);
    expect(await sent(() => control.at(workspaceId, '7', wanted))).toEqual([found, 0]);
    expect(await sent(() => control.fresh(workspaceId, wanted))).toEqual([found, 1]);
  });

  test.each([{ rootKeyHash: 'none' }, { slug: 'none' }, { portalId: 'none' }, { apiId: 'none' }])(
    'that does not exist (%j) is looked for each time',
    async (wanted) => {
      const { workspaceId, workspace } = await newWorkspace();
      const { control, sent } = newProcess();
      const read = () => sent(() => control.current(workspaceId, wanted, accept));
      expect([await read(), await read()]).toEqual(Array(2).fill([{ version: '7', workspace, ...nothing }, 1]));
    },
  );

  test('of a workspace that does not exist is looked for each time', async () => {
    const { control, sent } = newProcess();
    const read = () => sent(() => control.current('ws_none', {}, accept));
    const found = [{ version: '0', workspace: undefined, ...nothing }, 1];
    expect([await read(), await read()]).toEqual([found, found]);
  });

  test('of two workspaces is not confused, and both are looked after', async () => {
    const [one, two] = [await newWorkspace(), await newWorkspace()];
    const { control } = newProcess();
    for (const { workspaceId, workspace } of [one, two, one]) {
      expect(await control.current(workspaceId, {}, accept)).toMatchObject({ workspace });
    }
    expect(control.served().toSorted()).toEqual([one.workspaceId, two.workspaceId].toSorted());
  });

  test('that calls share is frozen, with all its parts', async () => {
    const { workspaceId } = await newWorkspace();
    const { control } = newProcess();
    const { workspace, rootKey, entry, api } = await control.fresh(workspaceId, {
      rootKeyHash: 'hash',
      portalId: 'portal_1',
      apiId: 'api_1',
    });
    const parts = [
      workspace,
      rootKey,
      rootKey?.permissions,
      entry,
      entry?.portal,
      entry?.portal.branding,
      entry?.portal.apiIds,
      api,
      api?.policy,
    ];
    expect(parts.map((part) => typeof part === 'object' && Object.isFrozen(part))).toEqual(parts.map(() => true));
  });

  test('is read again over another connection, and then cached again', async () => {
    const { workspaceId, addPortals, entryOf } = await newWorkspace();
    await addPortals('portal_2');
    const { control, hooks, sent } = newProcess();
    const read = async (portalId: string) => (await sent(() => control.current(workspaceId, { portalId }, accept)))[1];
    expect([await read('portal_1'), await read('portal_1')]).toEqual([1, 0]);
    hooks.connection = 2;
    expect([await read('portal_2'), await read('portal_2'), await read('portal_1')]).toEqual([1, 0, 0]);
    hooks.connection = 3;
    expect([await read('portal_2'), await read('portal_2')]).toEqual([1, 0]);
    expect(control.lastEntries(await control.fresh(workspaceId, {}))).toEqual([entryOf('portal_2')]);
  });

  test('has the root key as it was, also after it was revoked', async () => {
    const { workspaceId, rootKey, setVersion } = await newWorkspace();
    const { control } = newProcess();
    await control.fresh(workspaceId, { rootKeyHash: 'hash' });
    await setVersion('8');
    await client.del(keys.rootKeys(workspaceId));
    expect(await control.fresh(workspaceId, { rootKeyHash: 'hash' })).toMatchObject({ rootKey: undefined });
    const cached = ['hash', 'none'].map((hash) => control.cachedRootKey(workspaceId, hash));
    expect([...cached, control.cachedRootKey('ws_other', 'hash')]).toEqual([rootKey, undefined, undefined]);
  });

  test('over a connection that is lost meanwhile is returned, and not served later', async () => {
    const { workspaceId, entryOf, apiOf } = await newWorkspace();
    const { control, hooks } = newProcess();
    const step = async () => Object.assign(hooks, { connection: 2 });
    hooks.between = { roundTrips: 0, step };
    const found = await control.at(workspaceId, '7', { portalId: 'portal_1', apiId: 'api_1' });
    expect(found).toMatchObject({ entry: entryOf('portal_1'), api: apiOf('api_1') });
    expect([control.lastEntries(found as Control), control.lastApis(found as Control)]).toEqual([[], []]);
  });

  test('is looked after for a minute after its last call', async () => {
    const { workspaceId } = await newWorkspace();
    const { control } = newProcess();
    // The cache remembers the time until its timer ends.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date', 'hrtime'] });
    const clock = jest.spyOn(performance, 'now');
    const at = async (ms: number) => {
      await jest.advanceTimersByTimeAsync(2);
      clock.mockReturnValue(ms);
      return control.served();
    };
    await at(1000);
    await control.current(workspaceId, {}, accept);
    expect(await at(60_000)).toEqual([workspaceId]);
    await control.current(workspaceId, {}, accept);
    expect([await at(110_000), await at(121_000)]).toEqual([[workspaceId], []]);
  });
});

describe('the last 16 portals and APIs that were used', () => {
  test('are told in their order, and one that is used again comes last', async () => {
    const { workspaceId, addPortals, addApis } = await newWorkspace();
    const [portalIds, apiIds] = ['portal', 'api'].map((kind) => numbers(17).map((i) => `${kind}_${i}`)) as [
      string[],
      string[],
    ];
    await addPortals(...portalIds);
    await addApis(...apiIds);
    const { control } = newProcess();
    const told = async () => {
      const now = await control.fresh(workspaceId, {});
      return [
        control.lastEntries(now).map(({ portal }) => portal.portalId),
        control.lastApis(now).map(({ apiId }) => apiId),
      ];
    };
    const use = (i: number) => control.at(workspaceId, '7', { portalId: `portal_${i}`, apiId: `api_${i}` });
    await Promise.all(numbers(16).map(use));
    expect(await told()).toEqual([portalIds.slice(0, 16), apiIds.slice(0, 16)]);
    // It is cached.
    await use(0);
    expect(await told()).toEqual([
      [...portalIds.slice(1, 16), 'portal_0'],
      [...apiIds.slice(1, 16), 'api_0'],
    ]);
    await use(16);
    expect(await told()).toEqual([
      [...portalIds.slice(2, 16), 'portal_0', 'portal_16'],
      [...apiIds.slice(2, 16), 'api_0', 'api_16'],
    ]);
  });

  test('are those of one version of the control data', async () => {
    const { workspaceId, setVersion, entryOf, apiOf } = await newWorkspace();
    const { control } = newProcess();
    const wanted = { portalId: 'portal_1', apiId: 'api_1' };
    const all = (of: Control) => [control.lastEntries(of), control.lastApis(of), control.cachedApi(of, 'api_1')];
    const before = await control.current(workspaceId, wanted, accept);
    expect(all(before)).toEqual([[entryOf('portal_1')], [apiOf('api_1')], apiOf('api_1')]);
    await setVersion('8');
    const after = await control.fresh(workspaceId, wanted);
    expect(all(after)).toEqual([[entryOf('portal_1')], [apiOf('api_1')], apiOf('api_1')]);
    expect(all(before)).toEqual([[], [], undefined]);
    expect(all({ ...after, workspace: undefined })).toEqual([[], [], undefined]);
    expect(await control.at(workspaceId, '7', wanted)).toBeUndefined();
    expect(await control.at(workspaceId, '8', wanted)).toEqual(after);
  });
});

describe('control data that is not published', () => {
  test('is published by the process that reads it, once for all that wait for it', async () => {
    const { workspaceId, setVersion, versions } = await newWorkspace();
    await setVersion('8', '7');
    const { control, hooks, sent } = newProcess();
    const [, inBackground] = await sent(() => control.fresh(workspaceId, {}));
    expect(inBackground).toBe(1 + partitionCount);
    await Promise.all([control.publish(workspaceId), control.publish(workspaceId)]);
    expect([hooks.commands, await versions()]).toEqual([1 + toPublish + 2, ['8', '8', '8']]);
  });

  test('is published by the next try, if one has failed', async () => {
    const { workspaceId, setVersion, versions } = await newWorkspace();
    await setVersion('8', '7');
    const { control, hooks } = newProcess();
    hooks.refuse = (command) => command === 'raiseVersion';
    await expect(control.publish(workspaceId)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await versions()).toEqual(['8', '7', null]);
    hooks.refuse = undefined;
    await control.publish(workspaceId);
    expect(await versions()).toEqual(['8', '8', '8']);
  });

  test.each([
    ['that is published', '7', 1],
    ['without a partition that it is about', '6', 1 + partitionCount],
    ['with one, which then knows of it', '6', 1 + partitionCount + 1],
  ])('a refusal by data %s', async (title, published, commands) => {
    const { workspaceId, place, setVersion } = await newWorkspace();
    await setVersion('7', published);
    const { control, hooks } = newProcess();
    hooks.commands = 0;
    // The process reaches no partition in the background.
    hooks.refuse = (command) => command === 'raiseVersion' && Number(hooks.commands) <= 1 + partitionCount;
    const about = title.startsWith('without') ? undefined : place;
    await expect(control.current(workspaceId, {}, refuse, about)).rejects.toThrow('refused');
    expect(hooks.commands).toBe(commands);
    expect(await client.get(keys.controlSeen(place))).toBe(commands === 1 + partitionCount + 1 ? '7' : null);
  });

  test('a refusal by cached data is decided by what home has now', async () => {
    const { workspaceId, setVersion } = await newWorkspace();
    const { control, sent } = newProcess();
    const check = ({ version }: Control) => (version === '8' ? accept() : refuse());
    await control.fresh(workspaceId, {});
    await expect(control.current(workspaceId, {}, check)).rejects.toThrow('refused');
    await setVersion('8');
    expect(await sent(() => control.current(workspaceId, {}, check))).toMatchObject([{ version: '8' }, 1]);
  });
});

test.each([
  ['that is published sends nothing more', ['8', '8'], 1],
  ['that is not published sends it to all', ['8', '7'], 1 + toPublish],
  ['of which home has lost the version sends nothing more', [undefined, '7'], 1],
] as const)(
  'a change of control data %s, and the process reads it on its next call',
  async (_, [home, published], commands) => {
    const { workspaceId, setVersion } = await newWorkspace();
    const { control, sent } = newProcess();
    await control.fresh(workspaceId, {});
    await setVersion(home ?? '', published);
    if (home === undefined) await client.del(keys.control(workspaceId));
    expect((await sent(() => control.publish(workspaceId)))[1]).toBe(commands);
    expect(await sent(() => control.current(workspaceId, {}, accept))).toMatchObject([
      { version: home ?? '0' },
      expect.any(Number),
    ]);
  },
);

describe('what other processes have changed', () => {
  test.each([
    ['is read again, and published', ['8', '7'], 1 + toPublish, 1],
    ['is read again', ['8', '8'], 1, 1],
    ['if it is nothing, stays cached', ['7', '7'], 1, 0],
  ] as const)('%s', async (_, [home, published], commands, then) => {
    const { workspaceId, setVersion } = await newWorkspace();
    const { control, sent } = newProcess();
    await control.fresh(workspaceId, {});
    await setVersion(home, published);
    expect((await sent(() => control.completeChanges()))[1]).toBe(commands);
    expect(await sent(() => control.current(workspaceId, {}, accept))).toMatchObject([{ version: home }, then]);
  });

  test('is nothing in a workspace without a version', async () => {
    const { workspaceId } = await newWorkspace();
    await client.del([keys.control(workspaceId), keys.published(workspaceId)]);
    const { control, sent } = newProcess();
    expect((await sent(() => control.current(workspaceId, {}, accept)))[0]).toMatchObject({ version: '0' });
    await client.set(keys.published(workspaceId), '7');
    expect((await sent(() => control.completeChanges()))[1]).toBe(1);
    expect((await sent(() => control.current(workspaceId, {}, accept)))[1]).toBe(0);
  });

  test('is completed also if the process forgets the workspace meanwhile', async () => {
    const { workspaceId, setVersion, versions } = await newWorkspace();
    const { control, hooks } = newProcess();
    await control.fresh(workspaceId, {});
    await setVersion('8', '7');
    hooks.between = { roundTrips: 0, step: () => control.publish(workspaceId) };
    await control.completeChanges();
    expect([control.served(), await versions()]).toEqual([[], ['8', '8', '8']]);
  });
});

describe('a step by control data', () => {
  /** A step that a partition refuses until it gets this version. It notes the versions that it gets. */
  const stepOf = (place: Parameters<typeof keys.controlSeen>[0]) => {
    const tried: string[] = [];
    const step = async ({ version }: CheckedControl): Promise<{ outcome: 'ok' } | Outdated> => {
      tried.push(version);
      const seen = (await client.get(keys.controlSeen(place))) ?? '0';
      return seen === version ? { outcome: 'ok' } : { outcome: 'outdated', version: seen };
    };
    return { tried, step };
  };

  test.each([
    // What the process has cached, what the partition and home have, what the step gets, how many commands that takes, what both have then.
    ['that both have runs once', '7', '7', '7', ['7'], 0, ['7', '7']],
    [
      'of which the partition has lost the last version runs again after that got it',
      ...(['7', '5', '7', ['7', '7'], 1, ['7', '7']] as const),
    ],
    ['that another process has changed runs again by what home has', '7', '8', '8', ['7', '8'], 2, ['8', '8']],
    [
      'that is changed once more meanwhile tells the partition',
      ...(['7', '8', '9', ['7', '9', '9'], 3, ['9', '9']] as const),
    ],
    [
      'of which home has lost the last version makes home go on from it',
      ...(['7', '9', '8', ['7', '9'], 3 + toPublish, ['9', '9']] as const),
    ],
  ])('%s', async (_, cached, seen, home, versions, commands, after) => {
    const { workspaceId, place, setVersion } = await newWorkspace();
    const { control, sent } = newProcess();
    await setVersion(cached);
    await control.fresh(workspaceId, {});
    await setVersion(home);
    await client.set(keys.controlSeen(place), seen);
    const { tried, step } = stepOf(place);
    const run = async () => {
      const reply = await control.run(place, {}, accept, step);
      // Waits for what is published in the background.
      await control.publish(workspaceId);
      return reply;
    };
    expect(await sent(run)).toEqual([{ outcome: 'ok' }, commands + 1]);
    expect(tried).toEqual(versions);
    expect(await client.mGet([keys.control(workspaceId), keys.controlSeen(place)])).toEqual(after);
  });

  test('fails after 20 tries, if the control data keeps changing', async () => {
    const { workspaceId, place } = await newWorkspace();
    const { control } = newProcess();
    let tries = 0;
    const step = async (): Promise<{ outcome: 'ok' } | Outdated> =>
      ({ outcome: ++tries > 20 ? 'ok' : 'outdated', version: '6' }) as Outdated;
    await expect(control.run(place, {}, accept, step)).rejects.toThrow(StoreUnavailable);
    expect([tries, control.served()]).toEqual([20, [workspaceId]]);
    tries = 1;
    expect(await control.run(place, {}, accept, step)).toMatchObject({ outcome: 'ok' });
  });
});
