import { describe, expect, test } from '@jest/globals';
import { ErrorReply } from 'redis';
import type { Dataset } from '../../store/dataset.ts';
import type { HealthOfNode, NodeHealth } from '../../store/health.ts';
import type { Store } from '../../store/index.ts';
import { standalone } from '../../store/redis/settings.ts';
import { StoreUnavailable } from '../../store/redis.ts';
import type { Workspace } from '../../store/workspaces.ts';
import { diagnose } from './doctor.ts';

const workspace = { workspaceId: 'ws_1', name: 'Acme', enabled: true, createdAt: 0 };
/** The workspaces of a store: all migrated, except where a test says otherwise. */
const workspacesOf = (...found: Workspace[]) => ({ list: async () => found }) as Store['workspaces'];
const workspaces = workspacesOf({ ...workspace, partitions: 64 });

const healthy: NodeHealth = {
  version: '7.2.4',
  appendOnly: true,
  snapshots: false,
  maxMemoryPolicy: 'noeviction',
  maxMemory: 0,
  replicas: 0,
  needsReplicas: false,
  clockSkewMs: 0,
  forbidden: [],
};
const nodeOf = (address: string, health: Partial<NodeHealth> | undefined = {}, replicaOf?: string): HealthOfNode => ({
  address,
  ...(replicaOf !== undefined && { replicaOf }),
  health: { ...healthy, ...health },
});
/** A node that does not reply. */
const away = (address: string, replicaOf?: string): HealthOfNode => ({
  ...nodeOf(address, {}, replicaOf),
  health: undefined,
});

/** Redis on this machine. */
const connection = standalone('redis://127.0.0.1:6379');

/** What is known of all data. */
const datasetOf = (read: Dataset): Store['dataset'] => ({ read: async () => read }) as Store['dataset'];
const dataset = datasetOf({ fenced: [] });

/** The findings of one check. */
async function findingsOf(
  check: string,
  nodes: HealthOfNode[],
  { isSpread = false, probe = async () => {}, url = 'https://portal.acme.example', waitReplicas = 0 } = {},
) {
  const store = { health: async () => ({ isSpread, nodes }), probe, workspaces, dataset };
  return (await diagnose(store, url, { ...connection, waitReplicas })).filter((finding) => finding.check === check);
}
const level = (found: { level: string }[]) => found.map((finding) => finding.level);
const message = (found: { message: string }[]) => found.map((finding) => finding.message);

test('a healthy Redis passes every check, each with one finding that needs no fix', async () => {
  const store = {
    health: async () => ({ isSpread: false, nodes: [nodeOf('a:1')] }),
    probe: async () => {},
    workspaces,
    dataset,
  };
  const checks = [
    'redis',
    'version',
    'persistence',
    'eviction',
    'clock',
    'migration',
    'restore',
    'connection',
    'https',
  ];
  expect(await diagnose(store, 'https://portal.acme.example', connection)).toEqual(
    checks.map((check) => ({ check, level: 'ok', message: expect.any(String) })),
  );
});

test.each<[check: string, health: Partial<NodeHealth>, level: string, message: string]>([
  ['version', { version: '7.0.0' }, 'ok', '7.0.0'],
  ['version', { version: '10.1' }, 'ok', '10.1'],
  ['version', { version: '6.9.9' }, 'error', '6.9.9'],
  ['version', { version: 'unknown' }, 'error', 'unknown'],
  ['persistence', { appendOnly: true, snapshots: true }, 'ok', 'append-only'],
  ['persistence', { appendOnly: false, snapshots: true }, 'warning', 'only snapshots'],
  ['persistence', { appendOnly: undefined, snapshots: true }, 'warning', 'only snapshots'],
  ['persistence', { appendOnly: false, snapshots: undefined }, 'warning', 'does not report'],
  ['persistence', { appendOnly: false, snapshots: false }, 'error', 'nothing to disk'],
  ['eviction', { maxMemory: 1 }, 'ok', 'evicts nothing'],
  ['eviction', { maxMemoryPolicy: 'allkeys-lru', maxMemory: 0 }, 'warning', '"allkeys-lru"'],
  ['eviction', { maxMemoryPolicy: 'allkeys-lru', maxMemory: 1 }, 'error', '"allkeys-lru"'],
  ['eviction', { maxMemoryPolicy: undefined, maxMemory: undefined }, 'error', '"unknown"'],
  ['clock', { clockSkewMs: 5000 }, 'ok', 'agree'],
  ['clock', { clockSkewMs: -5000 }, 'ok', 'agree'],
  ['clock', { clockSkewMs: 5001 }, 'warning', '5 s ahead of'],
  ['clock', { clockSkewMs: -7600 }, 'warning', '8 s behind'],
])('%s of %j: %s', async (check, health, expected, part) => {
  const found = await findingsOf(check, [nodeOf('a:1', health)]);
  const fix = expected === 'ok' ? {} : { fix: expect.stringMatching(/\.$/) };
  expect(found).toEqual([{ check, level: expected, message: expect.stringContaining(part), ...fix }]);
  expect(message(found)).not.toContainEqual(expect.stringContaining('a:1'));
});

test.each([
  ['https://portal.acme.example', 'ok'],
  ['http://localhost:8080', 'warning'],
  ['http://127.0.0.1:8080', 'warning'],
  ['http://[::1]:8080', 'warning'],
  ['http://portal.acme.example', 'error'],
])('the portal at %s: %s', async (url, expected) => {
  expect(level(await findingsOf('https', [nodeOf('a:1')], { url }))).toEqual([expected]);
});

describe('several nodes', () => {
  test('that pass have one finding together', async () => {
    const nodes = [nodeOf('a:1'), nodeOf('b:1')];
    expect(message(await findingsOf('redis', nodes))).toEqual(['All 2 nodes of Redis reply.']);
    expect(message(await findingsOf('redis', nodes.slice(1)))).toEqual(['Redis replies.']);
    expect(message(await findingsOf('eviction', nodes))).toEqual(['Redis evicts nothing.']);
  });

  test('have one finding for each that fails, with its address', async () => {
    const nodes = [nodeOf('a:1', { version: '5.0' }), nodeOf('b:1'), nodeOf('c:1', { version: '6.2' })];
    const found = await findingsOf('version', nodes);
    expect(level(found)).toEqual(['error', 'error']);
    expect(message(found)).toEqual([expect.stringMatching(/^a:1: .*5\.0/), expect.stringMatching(/^c:1: .*6\.2/)]);
    expect(found.every((finding) => !('address' in finding))).toBe(true);
  });

  test('that are unavailable are named: a primary is an error, a replica a warning', async () => {
    const nodes = [nodeOf('a:1'), away('b:1'), away('c:1', 'a:1')];
    const found = await findingsOf('redis', nodes);
    expect(found).toEqual([
      { check: 'redis', level: 'error', message: 'b:1 is unavailable.', fix: expect.any(String) },
      { check: 'redis', level: 'warning', message: 'c:1 is unavailable.', fix: expect.any(String) },
    ]);
    expect(level(await findingsOf('version', nodes))).toEqual(['ok']);
    expect(await findingsOf('version', [away('b:1')])).toEqual([]);
  });

  test('need a replica for each primary, if the mode has replicas', async () => {
    const nodes = [nodeOf('a:1'), nodeOf('b:1'), nodeOf('c:1', {}, 'a:1')];
    expect(await findingsOf('replicas', nodes)).toEqual([]);
    const found = await findingsOf('replicas', nodes, { isSpread: true });
    expect(found).toEqual([
      { check: 'replicas', level: 'warning', message: expect.stringMatching(/^b:1 has no/), fix: expect.any(String) },
    ]);
    const both = [...nodes, nodeOf('d:1', {}, 'b:1')];
    expect(level(await findingsOf('replicas', both, { isSpread: true }))).toEqual(['ok']);
  });

  test.each<[string, Partial<NodeHealth>[], number, string[]]>([
    ['without replicas, nothing can fail over', [{}], 0, []],
    [
      'nothing waits, and a primary alone accepts writes',
      [{ replicas: 1 }],
      0,
      ['REDIS_WAIT_REPLICAS is 0', 'min-replicas'],
    ],
    ['nothing waits', [{ replicas: 1, needsReplicas: true }], 0, ['REDIS_WAIT_REPLICAS is 0']],
    ['one primary alone accepts writes', [{ replicas: 1, needsReplicas: true }, { replicas: 1 }], 1, ['min-replicas']],
    ['both are set', [{ replicas: 2, needsReplicas: true }], 1, ['only after a replica has it']],
    [
      'a primary has too few replicas',
      [{ replicas: 2, needsReplicas: true }, { replicas: 1 }],
      2,
      ['1:1 has 1 of the 2'],
    ],
    ['the only primary has none', [{}], 1, ['0:1 has 0 of the 1']],
  ])('lose what they may with a failover: %s', async (_, primaries, waitReplicas, parts) => {
    const nodes = primaries.map((health, i) => nodeOf(`${i}:1`, health));
    const found = await findingsOf('failover', [...nodes, nodeOf('r:1', { replicas: undefined }, '0:1')], {
      waitReplicas,
    });
    expect(message(found)).toEqual(parts.map((part) => expect.stringContaining(part)));
    const levelOf = (part: string) =>
      part.startsWith('only') ? 'ok' : part.includes(' of the ') ? 'error' : 'warning';
    expect(level(found)).toEqual(parts.map(levelOf));
  });
});

describe('a Redis that is unavailable', () => {
  const unavailable = new StoreUnavailable('The cluster serves 1 of 2 slots');

  test('as a whole has one finding beside that of the portal', async () => {
    const found = await diagnose(
      { health: () => Promise.reject(unavailable), probe: async () => {}, workspaces, dataset },
      'http://a.example',
      connection,
    );
    expect(found.map(({ check, level }) => [check, level])).toEqual([
      ['redis', 'error'],
      ['https', 'error'],
    ]);
    expect(found[0]?.fix).toContain('REDIS_URL');
  });

  test('in part has the reason as a finding', async () => {
    const found = await findingsOf('redis', [nodeOf('a:1')], { probe: () => Promise.reject(unavailable) });
    expect(found).toEqual([
      { check: 'redis', level: 'error', message: `${unavailable.reason}.`, fix: expect.any(String) },
    ]);
  });

  test('is not what an unexpected error means', async () => {
    const fail = () => Promise.reject(new TypeError('a fault'));
    await expect(findingsOf('redis', [], { probe: fail })).rejects.toThrow('a fault');
    await expect(
      diagnose({ health: fail, probe: async () => {}, workspaces, dataset }, 'https://a.example', connection),
    ).rejects.toThrow('a fault');
  });
});

test('a command that the ACL forbids is a warning, and what it would report is not judged', async () => {
  const store = (forbidden: NodeHealth['forbidden']) => ({
    health: async () => ({ isSpread: false, nodes: [nodeOf('a:1', { version: 'unknown', forbidden })] }),
    probe: async () => {},
    workspaces,
    dataset,
  });
  const found = await diagnose(store(['INFO', 'TIME']), 'https://portal.acme.example', connection);
  expect(found.map(({ check, level: of }) => [check, of])).toEqual([
    ['redis', 'ok'],
    ['permissions', 'warning'],
    ['permissions', 'warning'],
    ['migration', 'ok'],
    ['restore', 'ok'],
    ['connection', 'ok'],
    ['https', 'ok'],
  ]);
  expect(found[1]?.message).toMatch(/may not run INFO, so the version, .* cannot be checked/);
  expect(found[2]?.fix).toContain('+time');
});

test.each([
  ['a command', "NOPERM User portico has no permissions to run the 'evalsha' command"],
  ['the login', 'WRONGPASS invalid username-password pair or user is disabled.'],
])('%s that Redis refuses is no outage', async (_, reply) => {
  const refused = () => Promise.reject(new StoreUnavailable('Redis is unavailable', new ErrorReply(reply)));
  const nodes = async () => ({ isSpread: false, nodes: [nodeOf('a:1')] });
  for (const store of [
    { health: nodes, probe: refused, workspaces, dataset },
    { health: refused, probe: refused, workspaces, dataset },
  ]) {
    const [first] = await diagnose(store, 'https://portal.acme.example', connection);
    expect(first).toMatchObject({ check: 'redis', level: 'error', message: `Redis refuses: ${reply}.` });
  }
});

test.each<[url: string, messages: string[]]>([
  ['redis://127.0.0.1:6379', []],
  ['redis://127.8.0.1', []],
  ['redis://localhost', []],
  ['redis://[::1]:6379', []],
  ['rediss://:password@redis.internal', []],
  ['rediss://redis.internal', ['Redis needs no password.']],
  ['redis://:password@10.0.0.1', ['The connection to Redis is not encrypted.']],
  ['redis://localhost.example', ['The connection to Redis is not encrypted.', 'Redis needs no password.']],
])('the connection to %s has the warnings %j', async (url, messages) => {
  const store = {
    health: async () => ({ isSpread: false, nodes: [nodeOf('a:1')] }),
    probe: async () => {},
    workspaces,
    dataset,
  };
  const found = await diagnose(store, 'https://portal.acme.example', standalone(url));
  const connections = found.filter(({ check }) => check === 'connection');
  expect(connections.map(({ level }) => level)).toEqual(messages.length > 0 ? messages.map(() => 'warning') : ['ok']);
  expect(connections.filter(({ level }) => level === 'warning')).toEqual(
    messages.map((message) => ({ check: 'connection', level: 'warning', message, fix: expect.any(String) })),
  );
});

test('a client certificate is a login', async () => {
  const store = {
    health: async () => ({ isSpread: false, nodes: [nodeOf('a:1')] }),
    probe: async () => {},
    workspaces,
    dataset,
  };
  const settings = { ...standalone('rediss://redis.internal'), tls: { cert: 'a', key: 'b' } };
  const found = await diagnose(store, 'https://portal.acme.example', settings);
  expect(found.find(({ check }) => check === 'connection')?.level).toBe('ok');
});

test.each([
  [[workspace], 'The workspace ws_1 has data of 0.1.0'],
  [[workspace, { ...workspace, workspaceId: 'ws_2' }], '2 workspaces have data of 0.1.0'],
])('data of 0.1.0 is an error: %j', async (found, message) => {
  const store = {
    ...{ health: async () => ({ isSpread: false, nodes: [nodeOf('a:1')] }), probe: async () => {} },
    workspaces: workspacesOf({ ...workspace, partitions: 64 }, ...found),
    dataset,
  };
  const findings = await diagnose(store, 'https://portal.acme.example', connection);
  expect(findings.filter(({ check }) => check === 'migration')).toEqual([
    {
      check: 'migration',
      level: 'error',
      message: expect.stringContaining(message),
      fix: expect.stringContaining('portico migrate'),
    },
  ]);
});

const at = Date.parse('2026-11-26T04:00:00Z');
test.each<[Omit<Dataset, 'fenced'>, string, string, string]>([
  [{ restored: at }, 'error', 'from a backup of 2026-11-26T04:00:00.000Z', 'portico restore fence'],
  [{ restored: 0 }, 'error', 'from a backup, and', 'portico restore fence'],
  [{ gap: { from: at, to: at + 600_000 } }, 'warning', '04:00:00.000Z to 2026-11-26T04:10:00.000Z', 'restore dismiss'],
])('of the data %j it says that it may be that of a backup', async (known, expected, message, fix) => {
  const store = {
    ...{ health: async () => ({ isSpread: false, nodes: [nodeOf('a:1')] }), probe: async () => {}, workspaces },
    dataset: datasetOf({ ...known, fenced: [] }),
  };
  const findings = await diagnose(store, 'https://portal.acme.example', connection);
  expect(findings.filter(({ check }) => check === 'restore')).toEqual([
    { check: 'restore', level: expected, message: expect.stringContaining(message), fix: expect.stringContaining(fix) },
  ]);
});

test('less than ten minutes without a server is no question', async () => {
  const store = {
    ...{ health: async () => ({ isSpread: false, nodes: [nodeOf('a:1')] }), probe: async () => {}, workspaces },
    dataset: datasetOf({ gap: { from: at, to: at + 599_999 }, fenced: [] }),
  };
  const findings = await diagnose(store, 'https://portal.acme.example', connection);
  expect(findings.filter(({ check }) => check === 'restore')).toMatchObject([{ level: 'ok' }]);
});
