/** The connection to one node: its settings, how it ends, and what it leaves. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import { ErrorReply, SocketClosedUnexpectedlyError } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { type Client, newClient, newCluster } from '../../src/server/store/redis/client.ts';
import { connectTo, replicasOf } from '../../src/server/store/redis/connection.ts';
import { deadlines } from '../../src/server/store/redis/deadlines.ts';
import type { Node } from '../../src/server/store/redis/settings.ts';
import { openStandalone } from '../../src/server/store/redis/standalone.ts';
import '../support/patient-redis.ts';
import { tell } from '../support/redis.ts';
import { sharedRedis } from '../support/shared/client.ts';

const { url } = await sharedRedis();
const [redisUrl = ''] = url.split(',');
const node: Node = { host: new URL(redisUrl).hostname, port: Number(new URL(redisUrl).port) };
const settings = { login: {} };

const opened: { destroy(): void }[] = [];
afterEach(() => {
  for (const connection of opened.splice(0)) connection.destroy();
});
async function connect() {
  const connection = await connectTo(node, settings);
  opened.push(connection);
  return connection;
}

test('a client has the login, the database and TLS of the settings, and repairs nothing by itself', () => {
  const login = { username: 'portico', password: 'secret' };
  const client = newClient({ host: 'a', port: 1 }, { login, database: 3, tls: { servername: 'b' } });
  const socket = { connectTimeout: 500, socketTimeout: 5000, reconnectStrategy: false, host: 'a', port: 1 };
  expect(client.options).toMatchObject({
    ...login,
    database: 3,
    disableOfflineQueue: true,
    commandOptions: { timeout: 0 },
    socket: { ...socket, tls: true, servername: 'b' },
  });
  const plain = newClient({ host: 'a', port: 1 }, settings).options;
  expect(plain.socket).toMatchObject(socket);
  expect(plain.socket).not.toHaveProperty('tls');
  for (const name of ['username', 'password']) expect(plain).not.toHaveProperty(name);
  expect(plain.database ?? 0).toBe(0);
});

test('a client of a cluster or of one node does not end the process with an error', () => {
  for (const client of [newClient(node, settings), newCluster([node], settings)]) {
    expect(client.listenerCount('error')).toBe(1);
  }
});

test('close lets the command under way end, and can be called after the end', async () => {
  const { client, close, lost } = await connect();
  const [reply] = await Promise.all([client.ping(), close()]);
  expect(reply).toBe('PONG');
  expect(client.isOpen).toBe(false);
  expect(await lost).toBeInstanceOf(Error);
  await close();
});

test('it is lost as soon as Redis closes it, and not before', async () => {
  const { client, close, lost } = await connect();
  let isLost = false;
  void lost.then(() => {
    isLost = true;
  });
  const id = await client.clientId();
  expect(isLost).toBe(false);
  await tell(redisUrl, 'CLIENT', 'KILL', 'ID', String(id));
  // The heartbeat would notice later, with another cause.
  expect(await lost).toBeInstanceOf(SocketClosedUnexpectedlyError);
  await close();
  expect(client.isOpen).toBe(false);
});

test('it stays as long as Redis replies to the heartbeat', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
  try {
    const { client, lost } = await connect();
    let isLost = false;
    void lost.then(() => {
      isLost = true;
    });
    await jest.advanceTimersByTimeAsync(300);
    await client.ping();
    expect(isLost).toBe(false);
  } finally {
    jest.useRealTimers();
  }
});

test('a node that does not answer in time is an error, and is left', async () => {
  const closed = Promise.withResolvers<void>();
  const server = createServer((socket) => socket.on('data', () => {}).on('close', () => closed.resolve()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { connect: usual } = deadlines;
  deadlines.connect = 20;
  try {
    const silent = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    await expect(connectTo(silent, settings)).rejects.toThrow('no answer within 20 ms');
    await closed.promise;
  } finally {
    deadlines.connect = usual;
    server.close();
  }
});

test('a node that is away is an error', async () => {
  const away = { host: '127.0.0.1', port: await freePort() };
  await expect(connectTo(away, settings)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('the replicas of a primary are those that it lists', async () => {
  const lines = [
    '# Replication',
    'role:master',
    'connected_slaves:2',
    'slave0:ip=10.0.0.1,port=6380,state=online,offset=1,lag=0',
    'slave11:ip=::1,port=7000,state=online,offset=1,lag=0',
    'lost_slave2:ip=10.0.0.2,port=6381',
  ];
  const client = { info: async () => lines.join('\r\n') } as unknown as Client;
  expect(await replicasOf(client, { host: 'a', port: 1 })).toEqual([
    { host: '10.0.0.1', port: 6380, replicaOf: 'a:1' },
    { host: '::1', port: 7000, replicaOf: 'a:1' },
  ]);
});

test('a primary that may not be asked for its replicas lists none, and any other failure is one', async () => {
  const failing = (error: Error) => ({ info: () => Promise.reject(error) }) as unknown as Client;
  const refusal = new ErrorReply("NOPERM this user has no permissions to run the 'info' command");
  expect(await replicasOf(failing(refusal), { host: 'a', port: 1 })).toEqual([]);
  await expect(replicasOf(failing(new Error('away')), { host: 'a', port: 1 })).rejects.toThrow('away');
});

test('one Redis serves commands, and is its only node', async () => {
  const connection = await openStandalone({ mode: 'standalone', nodes: [node], login: {} });
  opened.push(connection);
  expect(await connection.commands.ping()).toBe('PONG');
  await connection.probe();
  expect(await connection.nodes()).toEqual([node]);
});
