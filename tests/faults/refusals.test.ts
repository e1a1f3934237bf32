/** Requests while Redis is available but refuses commands: it is out of memory, or the password is wrong. */
import { afterEach, expect, test } from '@jest/globals';
import { startRedis, tell, until } from '../support/redis.ts';
import { startServer } from '../support/server.ts';
import { call, newTenant } from '../support/tenant.ts';

/** What a test started. It is stopped even if the test fails. */
const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const started of running.splice(0).reverse()) await started.stop();
});

const settings = { PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production' };

test('Redis is out of memory: writes get a 503, reads succeed, and writes succeed again with free memory', async () => {
  const redis = await startRedis();
  running.push(redis);
  const server = await startServer({ ...settings, REDIS_URL: redis.url });
  running.push(server);
  const tenant = await newTenant({ REDIS_URL: redis.url }, server.url);
  const { data } = await tenant.createSession(server.url);
  const exchanged = await call(server.url, 'portal.exchangeSession', '', { sessionId: data['sessionId'] });
  const token = String(exchanged.data['token']);
  const unused = String((await tenant.createSession(server.url)).data['sessionId']);

  await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', '1mb');
  const writes = [
    await tenant.createSession(server.url),
    await call(server.url, 'portal.createKey', token, { apiId: tenant.apiId }),
  ];
  expect(writes.map(({ status, broken }) => [status, broken])).toEqual(writes.map(() => [503, undefined]));
  // The first write of exchangeSession needs no memory, so Redis may accept it.
  const uncertain = await call(server.url, 'portal.exchangeSession', '', { sessionId: unused });
  expect([200, 503]).toContain(uncertain.status);
  const reads = [
    await call(server.url, 'portal.getSession', token, {}),
    await call(server.url, 'portal.listKeys', token, {}),
    await call(server.url, 'portal.getConfiguration', tenant.rootKey, { portal: 'my-portal' }),
  ];
  expect(reads.map(({ status, broken }) => [status, broken])).toEqual(reads.map(() => [200, undefined]));

  await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', '0');
  expect((await tenant.createSession(server.url)).status).toBe(200);
  // If it failed, nothing changed and the id still works. If it succeeded, its session is active.
  const proof =
    uncertain.status === 200
      ? await call(server.url, 'portal.getSession', String(uncertain.data['token']), {})
      : await call(server.url, 'portal.exchangeSession', '', { sessionId: unused });
  expect(proof.status).toBe(200);
});

test('a wrong password: not ready, 503, a log line without the password, and ready again after the password is fixed', async () => {
  const redis = await startRedis();
  running.push(redis);
  await tell(redis.url, 'CONFIG', 'SET', 'requirepass', 'right-horse');
  const server = await startServer({ ...settings, REDIS_URL: redis.url, REDIS_PASSWORD: 'hunter2-hunter2' });
  running.push(server);
  expect((await fetch(`${server.url}/v2/readiness`)).status).toBe(503);
  const refused = await call(server.url, 'portal.exchangeSession', '', {
    sessionId: `pst_${'a'.repeat(12)}00${'b'.repeat(52)}`,
  });
  expect([refused.status, refused.broken]).toEqual([503, undefined]);
  expect(server.log()).toMatch(/WRONGPASS[^\n]*"msg":"redis is unavailable"/);
  expect(server.log()).not.toMatch(/hunter2|right-horse/);

  await tell(redis.url.replace('//', '//:right-horse@'), 'CONFIG', 'SET', 'requirepass', 'hunter2-hunter2');
  await until('it is ready', async () => (await fetch(`${server.url}/v2/readiness`)).ok, 3000);
});
