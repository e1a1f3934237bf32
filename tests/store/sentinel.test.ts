/** The connection through Sentinels: which of them decides, and what a node must be. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { ClientClosedError } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import type { Connection } from '../../src/server/store/redis/connection.ts';
import { openSentinel } from '../../src/server/store/redis/sentinel.ts';
import type { Node } from '../../src/server/store/redis/settings.ts';
import { type LocalRedis, startRedis, startRedisServer, tell, until } from '../support/redis.ts';

const directory = await mkdtemp(join(tmpdir(), 'portico-sentinels-'));
const password = 'of-the-sentinels';
const running: LocalRedis[] = [];
const start = async (starting: Promise<LocalRedis>) => {
  const started = await starting;
  running.push(started);
  return started;
};
afterAll(async () => {
  await Promise.all(running.map((started) => started.stop()));
  await rm(directory, { recursive: true });
});
/** A Sentinel with an opinion of its own. It never finds its primary down, so the opinion stays. */
async function startSentinelOf(primary: LocalRedis, epoch: number): Promise<LocalRedis> {
  const port = await freePort();
  const file = join(directory, `${port}.conf`);
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${password}`,
    `sentinel monitor acme 127.0.0.1 ${primary.port} 9`,
    `sentinel config-epoch acme ${epoch}`,
    'sentinel down-after-milliseconds acme 600000',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const url = `redis://:${password}@127.0.0.1:${port}`;
  return start(startRedisServer([file, '--sentinel'], url));
}
const [earlier, current] = await Promise.all([start(startRedis()), start(startRedis())]);
const [late, latest] = await Promise.all([startSentinelOf(earlier, 5), startSentinelOf(current, 7)]);

const nodeOf = ({ port }: { port: number }): Node => ({ host: '127.0.0.1', port });
const opened: Connection[] = [];
afterEach(() => {
  for (const connection of opened.splice(0)) connection.destroy();
});
async function open(nodes: Node[], sentinel = { name: 'acme', login: { password } }): Promise<Connection> {
  const connection = await openSentinel({ mode: 'sentinel', nodes, login: {}, sentinel });
  opened.push(connection);
  return connection;
}
const clientsOf = async ({ url }: LocalRedis) => (await tell(url, 'CLIENT', 'LIST', 'TYPE', 'normal')).split('\n');
/** Waits until a node has no client but the one that asks. */
const noClients = (node: LocalRedis) =>
  until('no client is left', async () => (await clientsOf(node)).filter(Boolean).length === 1);

test.each(['first', 'last'])('the Sentinel with the newest epoch decides if it is the %s', async (place) => {
  const nodes = [nodeOf(latest), nodeOf(late)];
  const connection = await open(place === 'first' ? nodes : nodes.toReversed());
  expect(await connection.nodes()).toEqual([nodeOf(current)]);
  await connection.probe();
  await connection.commands.set('a', 'b');
  expect(await tell(current.url, 'GET', 'a')).toBe('b');
  expect(connection.primaryOf('a')).toEqual(nodeOf(current));
  const clients = await Promise.all(connection.primaries());
  expect(await Promise.all(clients.map((client) => client.get('a')))).toEqual(['b']);
  // They are asked once.
  await noClients(late);
});

test('the Sentinels that are there decide', async () => {
  const connection = await open([{ host: '127.0.0.1', port: await freePort() }, nodeOf(late)]);
  expect(await connection.nodes()).toEqual([nodeOf(earlier)]);
});

test.each([
  ['that do not know the name', { name: 'other', login: { password } }],
  ['that refuse the login', { name: 'acme', login: { password: 'wrong' } }],
])('Sentinels %s name no primary, and the error of the first is the cause', async (_, sentinel) => {
  await expect(open([nodeOf(late), nodeOf(latest)], sentinel)).rejects.toMatchObject({
    reason: expect.stringContaining('No Sentinel'),
    cause: { cause: expect.any(Error) },
  });
});

test('a primary that is not connected any more cannot serve', async () => {
  const connection = await open([nodeOf(latest)]);
  await connection.probe();
  connection.destroy();
  await expect(connection.probe()).rejects.toThrow(ClientClosedError);
});

test.each([
  ['TLS if the settings have it', {}, 'a handshake'],
  ['plain text otherwise', undefined, 'a command'],
])('the Sentinels are asked with %s', async (_, tls, first) => {
  const received = Promise.withResolvers<string>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      // The first byte of a record of a TLS handshake (RFC 8446, section 5.1), and of a command.
      received.resolve(data[0] === 22 ? 'a handshake' : data[0] === 42 ? 'a command' : String(data));
      socket.destroy();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const node = nodeOf(server.address() as AddressInfo);
    const sentinel = { name: 'acme', login: {} };
    const opening = openSentinel({ mode: 'sentinel', nodes: [node], login: {}, sentinel, ...(tls && { tls }) });
    await expect(opening).rejects.toMatchObject({ reason: expect.stringContaining('No Sentinel') });
    expect(await received.promise).toBe(first);
  } finally {
    server.close();
  }
});

test('without Sentinels there is no primary, and no cause', async () => {
  await expect(open([])).rejects.toMatchObject({ reason: expect.stringContaining('No Sentinel') });
});

test('a primary that does not say what it is, is believed to be one', async () => {
  await tell(current.url, 'ACL', 'SETUSER', 'default', '-role');
  let connection: Connection;
  try {
    connection = await open([nodeOf(latest)]);
  } finally {
    await tell(current.url, 'ACL', 'SETUSER', 'default', '+role');
  }
  expect(await connection.commands.ping()).toBe('PONG');
});

test('a replica is in the list of nodes, and is refused as the primary', async () => {
  await tell(earlier.url, 'REPLICAOF', '127.0.0.1', String(current.port));
  const connection = await open([nodeOf(latest)]);
  const replica = { ...nodeOf(earlier), replicaOf: `127.0.0.1:${current.port}` };
  await until('the replica is listed', async () => (await connection.nodes()).length === 2);
  expect(await connection.nodes()).toEqual([nodeOf(current), replica]);
  const reason = expect.stringMatching(`^127.0.0.1:${earlier.port} is not a primary`);
  await expect(open([nodeOf(late)])).rejects.toMatchObject({ reason });
  // Only its Sentinel stays, which does not speak the same protocol.
  await until('the node is left', async () => !(await clientsOf(earlier)).some((one) => one.includes('resp=3')));
  await tell(earlier.url, 'REPLICAOF', 'NO', 'ONE');
});
