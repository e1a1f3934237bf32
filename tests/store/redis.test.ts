/** The Redis of a process: which failures mean that it is unavailable, and when its connection is replaced. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { ErrorReply } from 'redis';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import type { Commands } from '../../src/server/store/redis/client.ts';
import { connectRedis, DataRefused, type Redis, StoreUnavailable } from '../../src/server/store/redis.ts';
import '../support/patient-redis.ts';
import { tell, until } from '../support/redis.ts';
import { sharedRedis } from '../support/shared/client.ts';

const { url } = await sharedRedis();
const [redisUrl = ''] = url.split(',');
const node = { host: new URL(redisUrl).hostname, port: Number(new URL(redisUrl).port) };

const opened: Redis[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const redis of opened.splice(0)) await redis.close();
});
/** Connects, and notes what the listeners get. */
async function connect(to = redisUrl, admit?: (commands: Commands) => Promise<void>) {
  const events: string[] = [];
  const listeners = {
    onReady: () => void events.push('ready'),
    onError: ({ message }: Error) => void events.push(message),
  };
  const redis = connectRedis(to, listeners, admit);
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

describe('the data of Redis', () => {
  const refused = new DataRefused('format', 'later data');
  const isGone = async (id: string) => !(await tell(redisUrl, 'CLIENT', 'LIST', 'ID', id)).includes(`id=${id}`);
  /** Connects with these outcomes of the admission, and then always the last one. `decide` lets the process decide again, at once. */
  async function admitting(...outcomes: (Error | undefined)[]) {
    const timers = jest.spyOn(globalThis, 'setInterval');
    const ids: string[] = [];
    const { redis, events } = await connect(redisUrl, async (commands) => {
      ids.push(String(await commands.clientId()));
      const outcome = outcomes.length > 1 ? outcomes.shift() : outcomes[0];
      if (outcome !== undefined) throw outcome;
    });
    const at = timers.mock.calls.findIndex(([, ms]) => ms === 2000);
    const decide = async () => {
      const before = ids.length;
      timers.mock.calls[at]?.[0]();
      await until('the admission was asked', async () => ids.length > before);
    };
    return { redis, events, ids, decide, timer: timers.mock.results[at]?.value as NodeJS.Timeout };
  }

  test('is refused: every call fails with the reason, and no connection stays', async () => {
    const { redis, events, ids } = await admitting(refused);
    expect(redis.refusal()).toBe(refused);
    expect(redis.connection()).toBe(0);
    const later = unavailable('later data');
    await expect(redis.run((client) => client.ping())).rejects.toEqual(later);
    await expect(redis.probe()).rejects.toEqual(later);
    expect(events[0]).toBe('later data');
    await until('the first connection has ended', () => isGone(String(ids[0])));
  });

  test('cannot be judged yet: it is no refusal, and another connection is tried', async () => {
    const { redis, events, ids } = await admitting(new TypeError('a fault'), undefined);
    await until('it is connected', async () => redis.connection() === 1);
    expect(redis.refusal()).toBeUndefined();
    expect(await redis.run((client) => client.ping())).toBe('PONG');
    expect(events).toEqual(['a fault', 'ready']);
    expect(new Set(ids).size).toBe(2);
    await until('the first connection has ended', () => isGone(String(ids[0])));
  });

  test('is admitted, then refused, which is said once, and admitted again as with a new connection', async () => {
    const { redis, events, ids, decide } = await admitting(
      undefined,
      undefined,
      refused,
      refused,
      undefined,
      undefined,
    );
    expect([redis.connection(), events]).toEqual([1, ['ready']]);
    await decide();
    await decide();
    await until('it refuses', async () => redis.refusal() === refused);
    await expect(redis.run((client) => client.ping())).rejects.toEqual(unavailable('later data'));
    await decide();
    await decide();
    await until('it is admitted', async () => redis.connection() === 2);
    await decide();
    expect(redis.refusal()).toBeUndefined();
    expect(await redis.run((client) => client.ping())).toBe('PONG');
    expect([redis.connection(), events]).toEqual([2, ['ready', 'later data', 'ready']]);
    expect(new Set(ids).size).toBe(1);
  });

  test('cannot be judged for a moment: nothing changes', async () => {
    const { redis, events, decide } = await admitting(undefined, new TypeError('a fault'), undefined);
    await decide();
    await decide();
    expect(await redis.run((client) => client.ping())).toBe('PONG');
    expect([redis.connection(), redis.refusal(), events]).toEqual([1, undefined, ['ready']]);
  });

  test('is not judged after the process has disconnected', async () => {
    const ended = jest.spyOn(globalThis, 'clearInterval');
    const { redis, timer } = await admitting(undefined);
    expect(timer).toBeDefined();
    await redis.close();
    expect(ended).toHaveBeenCalledWith(timer);
  });

  test('is admitted also if nobody listens', async () => {
    const redis = connectRedis(redisUrl);
    opened.push(redis);
    await redis.ready;
    expect([redis.connection(), redis.refusal()]).toEqual([1, undefined]);
    expect(await redis.run((client) => client.ping())).toBe('PONG');
  });
});
