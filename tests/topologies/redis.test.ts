import { afterAll, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { connectRedis, StoreUnavailable } from '../../src/server/store/redis.ts';
import { startRedis, tell, until } from '../support/redis.ts';

const local = await startRedis();
const redis = connectRedis(local.url);
await redis.ready;
afterAll(async () => {
  await redis.close();
  await local.stop();
});

test('a command without a reply fails at its deadline, and the connection stays open', async () => {
  const unanswered = redis.run(() => new Promise(() => {}));
  await expect(unanswered).rejects.toBeInstanceOf(StoreUnavailable);
  await expect(unanswered).rejects.toMatchObject({ cause: { cause: { message: 'no answer within 500 ms' } } });
  expect(await redis.run((client) => client.set('still', 'there'))).toBe('OK');
});

test('a command that Redis refuses is StoreUnavailable; an invalid command is our own error', async () => {
  const operator = await createClient({ url: local.url }).connect();
  await operator.sendCommand(['ACL', 'SETUSER', 'default', '-get']);
  await expect(redis.run((client) => client.get('any'))).rejects.toBeInstanceOf(StoreUnavailable);
  await operator.sendCommand(['ACL', 'SETUSER', 'default', '+get']);
  operator.destroy();
  await redis.run((client) => client.set('text', 'no number'));
  const wrong = redis.run((client) => client.incr('text'));
  await expect(wrong).rejects.toThrow('not an integer');
  await expect(wrong).rejects.not.toBeInstanceOf(StoreUnavailable);
});

const connectionId = () => redis.run((client) => client.clientId());

test('a Redis that refuses PING keeps its connection', async () => {
  const id = await connectionId();
  await tell(local.url, 'ACL', 'SETUSER', 'default', '-ping');
  // Redis counts the refusals, so the test knows that the heartbeat has gone on after one.
  const refusals = async () =>
    (await tell<unknown[][]>(local.url, 'ACL', 'LOG'))
      .filter((entry) => entry.includes('ping'))
      .reduce((sum, entry) => sum + Number(entry[1]), 0);
  await until('two pings are refused', async () => (await refusals()) >= 2);
  await tell(local.url, 'ACL', 'SETUSER', 'default', '+ping');
  expect(await connectionId()).toBe(id);
});

test('a node that has become a replica is left, and its connection is replaced', async () => {
  const id = await connectionId();
  await tell(local.url, 'REPLICAOF', '127.0.0.1', '1');
  await expect(redis.run((client) => client.set('any', 'text'))).rejects.toBeInstanceOf(StoreUnavailable);
  await tell(local.url, 'REPLICAOF', 'NO', 'ONE');
  await until('the connection is another', async () => (await connectionId()) !== id);
  expect(await redis.run((client) => client.set('any', 'text'))).toBe('OK');
});

test('a command on one node uses its own connection, and closes it', async () => {
  const [node] = await redis.nodes();
  expect(node).toEqual({ host: '127.0.0.1', port: local.port });
  const connections = async () => Number(/connected_clients:(\d+)/.exec(await tell(local.url, 'INFO', 'clients'))?.[1]);
  const before = await connections();
  const own = await redis.onNode({ host: '127.0.0.1', port: local.port }, (client) => client.clientId());
  expect(own).not.toBe(await connectionId());
  await until('it is closed', async () => (await connections()) === before);
});

test('before the first connection, a command fails at once with the reason', async () => {
  const unreachable = connectRedis('redis://127.0.0.1:1');
  const sent = unreachable.run((client) => client.get('any'));
  await expect(sent).rejects.toMatchObject({ reason: 'Redis is unavailable: it was never reached' });
  await unreachable.close();
});
