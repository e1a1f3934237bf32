/** The cache of verifications on the real server: deleted keys, and exact counts, also when responses of reports are lost. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { sharedServerTarget } from '../../tests/support/server-target.ts';
import { Portico, VerificationCache } from './src/index.ts';

const target = await sharedServerTarget();
afterAll(() => target.stop());
afterEach(() => {
  jest.restoreAllMocks();
});
const { baseUrl } = target;

/** A user with new keys in an API without limits, and a cache of their verifications: it caches no key with a limit. */
async function newCache({
  keys,
  fetch,
  staleMs = 60_000,
}: {
  keys: number;
  fetch?: typeof globalThis.fetch;
  staleMs?: number;
}) {
  const { rootKey } = await target.arrange('keyUser');
  const backend = new Portico({ baseUrl, rootKey });
  const { apiId } = await backend.apis.createApi({ name: 'Without limits' });
  const slug = `cached-${randomUUID()}`;
  await backend.portal.createConfiguration({ slug, apiIds: [apiId] });
  const permissions = ['create_key', 'delete_key', 'read_analytics'].map((action) => `api.${apiId}.${action}`);
  const { sessionId } = await backend.portal.createSession({ slug, externalId: 'user_123', permissions });
  const { token } = await backend.portal.exchangeSession({ sessionId });
  const user = new Portico({ baseUrl, sessionToken: token });
  const created = await Promise.all(Array.from({ length: keys }, () => user.portal.createKey({ apiId })));
  const cache = new VerificationCache(new Portico({ baseUrl, rootKey, fetch }), { staleMs });
  const counted = async (keyId?: string) => {
    const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() + 120_000 };
    const { totals } = await user.portal.getVerifications({ ...window, ...(keyId !== undefined && { keyId }) });
    return totals;
  };
  return { user, apiId, created, cache, counted };
}

test('a deleted key is refused when its result is as old as allowed, and not before', async () => {
  const { user, apiId, created, cache } = await newCache({ keys: 1, staleMs: 30_000 });
  const [{ key, keyId } = { key: '', keyId: '' }] = created;
  const verify = async () => (await cache.verifyKey({ key, apiId })).code;
  const begun = Date.now();
  expect(await verify()).toBe('VALID');
  await user.portal.deleteKey({ keyId });
  const clock = jest.spyOn(Date, 'now').mockReturnValue(begun + 29_000);
  expect(await verify()).toBe('VALID');
  clock.mockReturnValue(begun + 30_000 + 1000);
  expect(await verify()).toBe('NOT_FOUND');
  clock.mockRestore();
});

test('each verification is counted once, by the server or in a report', async () => {
  const { apiId, created, cache, counted } = await newCache({ keys: 3 });
  const verify = (i: number) => cache.verifyKey({ key: String(created[i % 3]?.key), apiId });
  await Promise.all(Array.from({ length: 30 }, (_, i) => verify(i)));
  for (let i = 0; i < 30; i++) await verify(i);
  await cache.flush();
  expect(await counted()).toMatchObject({ total: 60, valid: 60 });
  expect(await counted(created[0]?.keyId)).toMatchObject({ total: 20 });
});

test('a report whose response is lost is not counted twice, and one that never arrived is counted', async () => {
  let reports = 0;
  const { apiId, created, cache, counted } = await newCache({
    keys: 2,
    async fetch(...request) {
      const isReport = String(request[0]).endsWith('keys.reportVerifications');
      if (isReport && ++reports === 1) throw new TypeError('the request is lost');
      const response = await fetch(...request);
      if (isReport && reports <= 3) throw new TypeError('the response is lost');
      return response;
    },
  });
  for (let i = 0; i < 10; i++) await cache.verifyKey({ key: String(created[i % 2]?.key), apiId });
  await expect(cache.flush()).rejects.toMatchObject({ name: 'PorticoUnreachable' });
  // The timer may be faster than this loop.
  while (reports < 4) await cache.flush().catch(() => {});
  await cache.flush();
  expect(await counted()).toMatchObject({ total: 10, valid: 10 });
  expect(reports).toBe(4);
});
