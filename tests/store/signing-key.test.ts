/** The key with which all processes sign. It has its own Redis, because all servers of a Redis share the key. */
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { newSigningKey } from '../../src/server/domain/credentials.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { signingKeyStore } from '../../src/server/store/signing-key.ts';
import { startRedis } from '../support/redis.ts';

const local = await startRedis();
const redis = connectRedis(local.url);
await redis.ready;
const forget = () => redis.run((client) => client.del('portico:signing-key'));
afterAll(async () => {
  await redis.close();
  await local.stop();
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('of a process that finds none is the one that another process has created since', async () => {
  await forget();
  let other: string | undefined;
  const run: typeof redis.run = (work) =>
    redis.run((client) => {
      const get = async (name: string) => {
        const found = await client.get(name);
        other ??= await signingKeyStore(redis).signingKey(newSigningKey);
        return found;
      };
      return work(Object.assign(Object.create(client), { get }));
    });
  const key = await signingKeyStore({ ...redis, run }).signingKey(newSigningKey);
  expect(key).toMatch(/^[\w-]{32}$/);
  expect(key).toBe(other);
  expect(await signingKeyStore(redis).signingKey(newSigningKey)).toBe(key);
});

test('is read again after five minutes, because a restore of Redis can bring another one', async () => {
  const store = signingKeyStore(redis);
  const key = await store.signingKey(newSigningKey);
  await forget();
  const now = performance.now();
  const after = (minutes: number) => {
    jest.spyOn(performance, 'now').mockReturnValue(now + minutes * 60_000);
    return store.signingKey(newSigningKey);
  };
  expect(await after(4)).toBe(key);
  expect(await after(6)).not.toBe(key);
});
