/** The Redis of a process: which failures mean that it is unavailable, and when its connection is replaced. */
import { afterEach, expect, test } from '@jest/globals';
import { ErrorReply } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { connectRedis, type Redis, StoreUnavailable } from '../../src/server/store/redis.ts';
import '../support/patient-redis.ts';
import { tell, until } from '../support/redis.ts';
import { sharedRedis } from '../support/shared/client.ts';

const { url } = await sharedRedis();
const [redisUrl = ''] = url.split(',');
const node = { host: new URL(redisUrl).hostname, port: Number(new URL(redisUrl).port) };

const opened: Redis[] = [];
afterEach(async () => {
  for (const redis of opened.splice(0)) await redis.close();
});
/** Connects, and notes what the listeners get. */
async function connect(to = redisUrl) {
  const events: string[] = [];
  const redis = connectRedis(to, {
    onReady: () => void events.push('ready'),
    onError: ({ message }) => void events.push(message),
  });
  opened.push(redis);
  await redis.ready;
  return { redis, events };
}
const demoted = new ErrorReply("READONLY You can't write against a read only replica.");
const fail = (error: Error) => () => Promise.reject(error);
const unavailable = (reason: string) => expect.objectContaining({ constructor: StoreUnavailable, reason });

test('commands run, and a refusal of a wrong command is what Redis says', async () => {
  const { redis, events } = await connect();
  expect(redis.mode).toBe('standalone');
  expect(await redis.run((client) => client.ping())).toBe('PONG');
  expect(await redis.probe()).toBeUndefined();
  expect(await redis.nodes()).toEqual([node]);
  await expect(redis.run((client) => client.sendCommand(['NEVER']))).rejects.toThrow(ErrorReply);
  expect(events).toEqual(['ready']);
});

test('without a connection every call fails, and says that Redis was never reached', async () => {
  const { redis } = await connect(`redis://127.0.0.1:${await freePort()}`);
  const never = unavailable('Redis is unavailable: it was never reached');
  await expect(redis.run((client) => client.ping())).rejects.toEqual(never);
  await expect(redis.probe()).rejects.toEqual(never);
  await expect(redis.nodes()).rejects.toEqual(never);
});

test('a reply that Redis cannot serve is StoreUnavailable, and only a demotion replaces the connection', async () => {
  const { redis, events } = await connect();
  const failed = unavailable('Redis is unavailable');
  await expect(redis.run(fail(new ErrorReply('LOADING the data')))).rejects.toEqual(failed);
  await expect(redis.run((client) => client.ping())).resolves.toBe('PONG');
  expect(events).toEqual(['ready']);
  await expect(redis.run(fail(demoted))).rejects.toEqual(failed);
  await until('it connects again', async () => events.length > 2);
  expect(events).toEqual(['ready', demoted.message, 'ready']);
  expect(await redis.run((client) => client.ping())).toBe('PONG');
});

test('a command on one node has a connection of its own, which ends with it, even if it fails', async () => {
  const { redis } = await connect();
  const own = async () => {
    const id = await redis.onNode(node, (client) => client.sendCommand(['CLIENT', 'ID']));
    return String(id);
  };
  const isThere = async (id: string) => (await tell(redisUrl, 'CLIENT', 'LIST', 'ID', id)).includes(`id=${id}`);
  expect(await own()).not.toBe(String(await redis.run((client) => client.sendCommand(['CLIENT', 'ID']))));
  const id = await own();
  await until('its connection ends', async () => !(await isThere(id)));
  let failing = '';
  const failure = redis.onNode(node, async (client) => {
    failing = String(await client.sendCommand(['CLIENT', 'ID']));
    throw new TypeError('a fault');
  });
  await expect(failure).rejects.toThrow('a fault');
  await until('its connection ends', async () => !(await isThere(failing)));
  const loading = redis.onNode(node, fail(new ErrorReply('LOADING the data')));
  await expect(loading).rejects.toEqual(unavailable('Redis is unavailable'));
});

test('close disconnects', async () => {
  const { redis } = await connect();
  const id = String(await redis.run((client) => client.sendCommand(['CLIENT', 'ID'])));
  await redis.close();
  await until('it is gone', async () => !(await tell(redisUrl, 'CLIENT', 'LIST', 'ID', id)).includes(`id=${id}`));
  await expect(redis.run((client) => client.ping())).rejects.toEqual(unavailable('Redis is unavailable'));
});
