import { expect, test } from '@jest/globals';
import { readinessOf } from './readiness.ts';

const unavailable = (cause: string) => ({
  code: 'unkey/application/service_unavailable',
  retryAfterMs: 1000,
  cause,
});

test('a process is ready from its beginning to its end, while Redis is', async () => {
  const redis = { isThere: true };
  const readiness = readinessOf({
    probe: () => (redis.isThere ? Promise.resolve() : Promise.reject(new Error('away'))),
  });
  await expect(readiness.check()).rejects.toMatchObject(unavailable('the process is starting'));
  readiness.begin();
  await expect(readiness.check()).resolves.toBeUndefined();
  redis.isThere = false;
  await expect(readiness.check()).rejects.toThrow('away');
  redis.isThere = true;
  readiness.end();
  await expect(readiness.check()).rejects.toMatchObject(unavailable('the process is stopping'));
  // A process that stops before it has started does not start.
  readiness.begin();
  await expect(readiness.check()).rejects.toMatchObject(unavailable('the process is stopping'));
});
