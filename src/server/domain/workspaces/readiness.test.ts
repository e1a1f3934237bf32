import { expect, jest, test } from '@jest/globals';
import { StoreUnavailable } from '../../store/redis.ts';
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

test('a Redis that cannot serve is a state: it is reported once, and each check has its reason without a stack', async () => {
  let probe = async () => {};
  const report = jest.fn();
  const readiness = readinessOf({ probe: () => probe() }, report);
  readiness.begin();
  await readiness.check();
  expect(report).not.toHaveBeenCalled();
  const error = new StoreUnavailable('Redis is unavailable', new Error('OOM'));
  probe = () => Promise.reject(error);
  for (const _ of [1, 2, 3]) await expect(readiness.check()).rejects.toMatchObject(unavailable('Redis is unavailable'));
  expect(report.mock.calls).toEqual([[error.cause]]);
  probe = async () => {};
  for (const _ of [1, 2]) await readiness.check();
  expect(report.mock.calls).toEqual([[error.cause], [undefined]]);
  // An error of our own is no state.
  probe = () => Promise.reject(new TypeError('a mistake'));
  await expect(readiness.check()).rejects.toThrow(TypeError);
  expect(report).toHaveBeenCalledTimes(2);
});
