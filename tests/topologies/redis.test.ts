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

test('a command that is not answered ends at its deadline, and the connection stays', async () => {
  const unanswered = redis.run(() => new Promise(() => {}));
  await expect(unanswered).rejects.toBeInstanceOf(StoreUnavailable);
  await expect(unanswered).rejects.toMatchObject({ cause: { cause: { message: 'no answer within 500 ms' } } });
  expect(await redis.run((client) => client.set('still', 'there'))).toBe('OK');
});

test('what Redis refuses us is that it cannot serve; what it was asked wrong is our own error', async () => {
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
