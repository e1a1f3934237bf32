import { afterAll, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { connectRedis, StoreUnavailable } from '../../src/server/store/redis.ts';
import { startRedis } from '../support/redis.ts';

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
