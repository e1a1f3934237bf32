/** The connection to a cluster: how it finds the nodes, and when it says that the cluster cannot serve. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { ClientClosedError, SocketClosedUnexpectedlyError } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { openCluster } from '../../src/server/store/redis/cluster.ts';
import type { Connection } from '../../src/server/store/redis/connection.ts';
import type { Node } from '../../src/server/store/redis/settings.ts';
import { StoreUnavailable } from '../../src/server/store/redis/unavailable.ts';
import '../support/patient-redis.ts';
import { startRedis, tell, until } from '../support/redis.ts';

const directory = await mkdtemp(join(tmpdir(), 'portico-nodes-'));
async function startNode() {
  const busPort = await freePort();
  const own = ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${busPort}.conf`, '--dir', directory];
  // The state stays ok while slots are missing.
  const cluster = ['--cluster-port', String(busPort), '--cluster-require-full-coverage', 'no'];
  // A primary lists a replica once it has received something: by default that takes ten seconds.
  const quick = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
  const options = [...own, ...cluster, ...quick, '--dbfilename', `${busPort}.rdb`];
  return { ...(await startRedis({ options })), busPort };
}
const [primary, replica] = await Promise.all([startNode(), startNode()]);
afterAll(async () => {
  await Promise.all([primary.stop(), replica.stop()]);
  await rm(directory, { recursive: true });
});
await tell(primary.url, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
await tell(replica.url, 'CLUSTER', 'MEET', '127.0.0.1', String(primary.port), String(primary.busPort));
const id = await tell(primary.url, 'CLUSTER', 'MYID');
await until('the replica follows', () => tell(replica.url, 'CLUSTER', 'REPLICATE', id).then(() => true));
await until('the cluster serves', async () => {
  const [info, slots] = [await tell(primary.url, 'CLUSTER', 'INFO'), await tell(primary.url, 'CLUSTER', 'SLOTS')];
  return info.includes('cluster_state:ok') && JSON.stringify(slots).includes(`${replica.port}`);
});

const nodeOf = ({ port }: { port: number }): Node => ({ host: '127.0.0.1', port });
const opened: Connection[] = [];
afterEach(() => {
  for (const connection of opened.splice(0)) connection.destroy();
});
async function open(nodes: Node[], before?: Connection): Promise<Connection> {
  const connection = await openCluster({ mode: 'cluster', nodes, login: {} }, before?.cluster);
  opened.push(connection);
  return connection;
}
/** How many clients the primary has, beside the one that asks. */
const clients = async () => (await tell(primary.url, 'CLIENT', 'LIST', 'TYPE', 'normal')).trim().split('\n').length - 1;
const noClients = () => until('no client is left', async () => (await clients()) === 0);

test('any node leads to the primary, and to the list of all nodes', async () => {
  const connection = await open([nodeOf(replica)]);
  await connection.commands.set('a', 'b');
  expect(await connection.commands.get('a')).toBe('b');
  await connection.probe();
  expect(await connection.nodes()).toEqual([
    nodeOf(primary),
    { ...nodeOf(replica), replicaOf: `127.0.0.1:${primary.port}` },
  ]);
  expect(connection.primaryOf('a')).toEqual(nodeOf(primary));
  const clients = await Promise.all(connection.primaries());
  expect(await Promise.all(clients.map((client) => client.get('a')))).toEqual(['b']);
});

test('a slot that no node is known to have has no primary', async () => {
  const connection = await open([nodeOf(primary)]);
  // The slot of `foo`.
  delete connection.cluster?.slots[12182];
  expect(() => connection.primaryOf('foo')).toThrow(StoreUnavailable);
  expect(connection.primaryOf('bar')).toEqual(nodeOf(primary));
});

test('the nodes of the connection before lead to the cluster if none of the settings does', async () => {
  const nodes = [{ host: '127.0.0.1', port: await freePort() }];
  await expect(open(nodes)).rejects.toThrow();
  const first = await open([nodeOf(primary)]);
  const second = await open(nodes, first);
  expect(await second.commands.ping()).toBe('PONG');
});

test.each(['0', '16383'])('a cluster without slot %s cannot serve, and leaves no connection', async (slot) => {
  const connection = await open([nodeOf(primary)]);
  await tell(primary.url, 'CLUSTER', 'DELSLOTS', slot);
  try {
    await expect(connection.probe()).rejects.toMatchObject({ reason: 'The cluster serves 16383 of 16384 slots' });
    connection.destroy();
    await noClients();
    await expect(open([nodeOf(primary)])).rejects.toMatchObject({ reason: expect.stringContaining('Not every slot') });
    await noClients();
  } finally {
    await tell(primary.url, 'CLUSTER', 'ADDSLOTS', slot);
  }
  await (await open([nodeOf(primary)])).probe();
});

test.each([
  ['cluster_state:fail\r\ncluster_slots_ok:16384', '16384'],
  ['cluster_state:ok\r\ncluster_slots_ok:16383', '16383'],
  ['cluster_state:ok', '0'],
])('a cluster whose primary says %j cannot serve', async (info, served) => {
  const connection = await open([nodeOf(primary)]);
  const [client] = await Promise.all(connection.primaries());
  jest.spyOn(client as NonNullable<typeof client>, 'clusterInfo').mockResolvedValue(info);
  const reason = `The cluster serves ${served} of 16384 slots`;
  await expect(connection.probe()).rejects.toMatchObject({ reason });
});

test('it is lost as soon as one of its primaries is not connected, and without primaries it has no nodes', async () => {
  const connection = await open([nodeOf(primary)]);
  const masters = connection.cluster?.masters ?? [];
  const all = masters.splice(0);
  try {
    expect(await connection.nodes()).toEqual([]);
  } finally {
    masters.push(...all);
  }
  const { client: _, ...unconnected } = all[0] as (typeof all)[number];
  masters.push(unconnected);
  const later = new Promise((resolve) => setImmediate(() => resolve('not yet')));
  connection.cluster?.emit('node-error', new Error('of a primary'));
  expect(await Promise.race([connection.lost, later])).toEqual(new Error('of a primary'));
  masters.pop();
});

test('close lets the command under way end, and disconnects', async () => {
  const connection = await open([nodeOf(primary)]);
  const [master] = connection.cluster?.masters ?? [];
  const [reply] = await Promise.all([master?.client?.ping(), connection.close()]);
  expect(reply).toBe('PONG');
  expect(connection.cluster?.isOpen).toBe(false);
  await noClients();
  await expect(connection.probe()).rejects.toThrow(ClientClosedError);
  await expect(connection.nodes()).rejects.toThrow(ClientClosedError);
});

test('it is lost as soon as a primary closes its connection, and not before', async () => {
  const connection = await open([nodeOf(primary)]);
  let isLost = false;
  const lost = connection.lost.then((cause) => {
    isLost = true;
    return cause;
  });
  // An error of a node that is no longer needed.
  connection.cluster?.emit('node-error', new Error('of another node'));
  await connection.probe();
  expect(isLost).toBe(false);
  await tell(primary.url, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  // The heartbeat would notice later, with another cause.
  expect(await lost).toBeInstanceOf(SocketClosedUnexpectedlyError);
});
