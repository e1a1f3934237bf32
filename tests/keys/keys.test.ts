/** API keys and their usage. These tests need concurrent requests or access to Redis: atomicity, lifetimes, secrets. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fixture } from '../../contract-tests/engine/case.ts';
import type { ApiResponse } from '../../contract-tests/engine/check-response.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { countExactly } from '../../scripts/lab/exact-count.ts';
import { everythingIn } from '../support/redis-contents.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';
import { type ServerTarget, startServerTarget } from '../support/server-target.ts';

let target: ServerTarget;
/** A second process on the same Redis. */
let second: LocalServer;
beforeAll(async () => {
  target = await startServerTarget({ MAX_KEYS_PER_USER_AND_API: '5' });
  second = await startPatientServer({
    PORT: '0',
    HOST: '127.0.0.1',
    ...target.redisEnv,
    MAX_KEYS_PER_USER_AND_API: '5',
  });
});
afterAll(async () => {
  await second.stop();
  await target.stop();
});

const call = (operation: string, body: unknown, bearer: string, turn = 0): Promise<ApiResponse> => {
  const baseUrl = turn % 2 === 0 ? target.baseUrl : second.url;
  return send(baseUrl, { method: 'post', path: `/v2/${operation}` }, { body, authorization: `Bearer ${bearer}` });
};
const dataOf = <T>({ body }: ApiResponse) => (body as { data: T }).data;
const codeOf = ({ body }: ApiResponse) => (body as { error?: { type: string } }).error?.type.split('/').at(-1);
const times = <T>(many: number, work: (turn: number) => Promise<T>) =>
  Promise.all(Array.from({ length: many }, (_, turn) => work(turn)));

interface Verified {
  valid: boolean;
  code: string;
  ratelimit?: { remaining: number; reset: number };
}
const verify = async ({ apiKey, rootKey }: Fixture, turn = 0): Promise<Verified> =>
  dataOf<Verified>(await call('keys.verifyKey', { key: apiKey }, rootKey, turn));
const create = (fixture: Fixture, settings: object = {}, turn = 0) =>
  call('portal.createKey', { apiId: fixture.apiId, ...settings }, fixture.token, turn);
async function newKey(settings: object = {}): Promise<Fixture> {
  const fixture = await target.arrange('keyUser');
  const { keyId, key } = dataOf<{ keyId: string; key: string }>(await create(fixture, settings));
  return { ...fixture, keyId, apiKey: key };
}
const usage = async ({ token }: Fixture, over: object = {}) => {
  const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() + 60_000 };
  return dataOf<{ totals: Record<string, number>; topKeys: { keyId: string; total: number }[] }>(
    await call('portal.getVerifications', { ...window, ...over }, token),
  );
};

describe('races', () => {
  test('a limit of 20 lets exactly 20 of 100 concurrent verifications on two processes through', async () => {
    const fixture = await newKey({ ratelimit: { limit: 20, duration: 600_000 } });
    const responses = await times(100, (turn) => verify(fixture, turn));
    const remaining = responses.filter(({ code }) => code === 'VALID').map(({ ratelimit }) => ratelimit?.remaining);
    expect(remaining.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(responses.filter(({ code }) => code === 'RATE_LIMITED')).toHaveLength(80);
    const { totals } = await usage(fixture);
    expect(totals).toEqual({ total: 100, valid: 20, rateLimited: 80, disabled: 0, expired: 0 });
  });

  test('exactly 5 of 40 concurrent creations succeed at a limit of 5', async () => {
    const fixture = await target.arrange('keyUser');
    const responses = await times(40, (turn) => create(fixture, {}, turn));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(new Set(responses.filter(({ status }) => status !== 200).map(codeOf))).toEqual(
      new Set(['key_limit_exceeded']),
    );
  });

  test.each([0, 3_600_000])(
    'exactly one of 30 concurrent rerolls with an overlap of %s ms succeeds',
    async (expiration) => {
      const fixture = await newKey();
      const reroll = (turn: number) =>
        call('portal.rerollKey', { keyId: fixture.keyId, expiration }, fixture.token, turn);
      const responses = await times(30, reroll);
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(new Set(responses.filter(({ status }) => status !== 200).map(codeOf))).toEqual(new Set(['key_retired']));
      const listed = dataOf<unknown[]>(await call('portal.listKeys', {}, fixture.token));
      expect(listed).toHaveLength(2);
    },
  );

  test.each([
    ['deleted', 'portal.deleteKey', {}, 'NOT_FOUND'],
    ['disabled', 'portal.updateKey', { enabled: false }, 'DISABLED'],
    ['rerolled', 'portal.rerollKey', { expiration: 0 }, 'EXPIRED'],
  ])('no verification that starts after a key is %s finds it valid', async (_, operation, body, code) => {
    const fixture = await newKey();
    let over = false;
    const seen: { begunAfter: boolean; code: string }[] = [];
    const verifying = times(4, async (turn) => {
      for (let i = 0; i < 25; i++) {
        const begunAfter = over;
        seen.push({ begunAfter, code: (await verify(fixture, turn)).code });
      }
    });
    await times(10, () => verify(fixture));
    expect((await call(operation, { keyId: fixture.keyId, ...body }, fixture.token, 1)).status).toBe(200);
    over = true;
    await verifying;
    seen.push({ begunAfter: true, code: (await verify(fixture)).code });
    expect(new Set(seen.filter(({ begunAfter }) => begunAfter).map((one) => one.code))).toEqual(new Set([code]));
    expect(new Set(seen.map((one) => one.code))).toEqual(new Set(['VALID', code]));
  });

  test('concurrent updates of different fields are all stored', async () => {
    const fixture = await newKey();
    const changes = [{ name: 'Named' }, { enabled: false }, { meta: { a: 1 } }, { expires: 4_070_908_800_000 }];
    const update = (change: object, turn: number) =>
      call('portal.updateKey', { keyId: fixture.keyId, ...change }, fixture.token, turn);
    const responses = await Promise.all(changes.map(update));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const [key] = dataOf<object[]>(await call('portal.listKeys', {}, fixture.token));
    expect(key).toMatchObject(Object.assign({}, ...changes));
  });

  test('all of 300 concurrent verifications are counted, for every outcome', async () => {
    const good = await newKey();
    const [off] = await Promise.all([create(good, { enabled: false })]);
    const { key } = dataOf<{ key: string }>(off);
    await times(300, (turn) => verify(turn % 3 === 0 ? { ...good, apiKey: key } : good, turn));
    expect((await usage(good)).totals).toMatchObject({ total: 300, valid: 200, disabled: 100 });
    expect((await usage(good, { keyId: good.keyId })).totals).toMatchObject({ total: 200, valid: 200 });
  });
});

describe('counting', () => {
  /** `npm run count` runs the same check with 100,000 verifications. */
  test('each of 2,000 verifications on two processes is counted once, while one process restarts under load', async () => {
    const { answered, counted, exported, unsure, restarts } = await countExactly({ total: 2000, processes: 2 });
    expect(answered.total).toBe(2000);
    expect(counted).toEqual(answered);
    expect(Math.min(answered.valid, answered.disabled, answered.rateLimited)).toBeGreaterThan(0);
    expect([exported, unsure, restarts]).toEqual([2000, 0, 2]);
  });
});

describe('rerolls', () => {
  const listed = async (fixture: Fixture) =>
    dataOf<{ keyId: string; expires?: number }[]>(await call('portal.listKeys', {}, fixture.token));

  test.each([
    ['its own expiry, if that comes first', 60_000, 3_600_000, 60_000],
    ['the end of the overlap, if that comes first', 3_600_000, 60_000, 60_000],
  ])('the old key expires at %s, and the new key inherits the old expiry', async (_, lifetime, expiration, left) => {
    const expires = Date.now() + lifetime;
    const fixture = await newKey({ name: 'Kept', meta: { a: [] }, expires, ratelimit: { limit: 5, duration: 1000 } });
    const before = Date.now();
    const response = await call('portal.rerollKey', { keyId: fixture.keyId, expiration }, fixture.token);
    const [fresh, old] = await listed(fixture);
    expect(fresh).toMatchObject({ keyId: dataOf<{ keyId: string }>(response).keyId, name: 'Kept', expires });
    expect(fresh).toMatchObject({ meta: { a: [] }, ratelimit: { limit: 5, duration: 1000 } });
    expect(Math.abs(Number(old?.expires) - (left === lifetime ? expires : before + left))).toBeLessThan(1000);
    const both = [fixture.apiKey, dataOf<{ key: string }>(response).key];
    const codes = await Promise.all(both.map(async (apiKey) => (await verify({ ...fixture, apiKey } as Fixture)).code));
    expect(codes).toEqual(['VALID', 'VALID']);
  });
});

describe('lifetimes', () => {
  test('minutes expire after two days, hours, days and top keys after the retention, rate limits after their window', async () => {
    const fixture = await newKey({ ratelimit: { limit: 5, duration: 60_000 } });
    await verify(fixture);
    const day = 86_400;
    const expected: Record<string, [min: number, max: number]> = {
      m: [2 * day, 2 * day + 3600],
      h: [90 * day, 91 * day],
      d: [90 * day, 100 * day],
      t: [90 * day, 91 * day],
    };
    const user = Buffer.from(String(fixture.externalId)).toString('base64url');
    const names = [
      ...(await target.redis.keys(`*:usage:user:${user}:*`)),
      ...(await target.redis.keys(`*:usage:key:${fixture.keyId}:*`)),
    ];
    expect(names.map((name) => /:([mhdt])\d+$/.exec(name)?.[1]).sort()).toEqual(['d', 'd', 'h', 'h', 'm', 'm', 't']);
    for (const name of names) {
      const [min, max] = expected[/:([mhdt])\d+$/.exec(name)?.[1] ?? ''] ?? [0, 0];
      const left = await target.redis.ttl(name);
      expect([name, left >= min - 5, left <= max]).toEqual([name, true, true]);
    }
    const hash = createHash('sha256').update(String(fixture.apiKey)).digest('hex');
    const [rate] = await target.redis.keys(`*api-key-rate:${hash}`);
    expect(await target.redis.pTTL(String(rate))).toBeGreaterThan(50_000);
    expect(await target.redis.pTTL(String(rate))).toBeLessThanOrEqual(60_000);
  });

  test('a short window without stored minutes has the granularity hour', async () => {
    const fixture = await newKey();
    const startTime = Date.now() - 5 * 86_400_000;
    const seen = await usage(fixture, { startTime, endTime: startTime + 3_600_000 });
    expect(seen).toMatchObject({ granularity: 'hour', totals: { total: 0 } });
  });

  test('a series contains every bucket of its window once, in order, and only whole buckets', async () => {
    const fixture = await newKey();
    await verify(fixture);
    const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
    for (const [length, bucket] of [
      [3 * hour, minute],
      [3 * hour + 1, hour],
      [4 * day, hour],
      [4 * day + 1, day],
      [90 * day - minute, day],
    ] as const) {
      const endTime = Date.now() + 1000;
      const body = { startTime: endTime - length, endTime };
      const { series, ...seen } = dataOf<{ startTime: number; endTime: number; series: Record<string, number>[] }>(
        await call('portal.getVerifications', body, fixture.token),
      );
      const first = Math.floor(body.startTime / bucket) * bucket;
      const last = Math.ceil(endTime / bucket) * bucket;
      const times = Array.from({ length: (last - first) / bucket }, (_, i) => first + i * bucket);
      expect(seen).toMatchObject({ startTime: first, endTime: last, totals: { total: 1 } });
      expect(series.map(({ time }) => time)).toEqual(times);
      expect(series.reduce((sum, { total = 0 }) => sum + total, 0)).toBe(1);
    }
  });

  test('a window that starts before the retention fails, and the error names the limit', async () => {
    const fixture = await target.arrange('keyUser');
    const body = { startTime: Date.now() - 91 * 86_400_000, endTime: Date.now() };
    const response = await call('portal.getVerifications', body, fixture.token);
    expect(JSON.stringify(response.body)).toContain('90 days');
  });
});

describe('isolation', () => {
  test("a session does not see a key outside the portal's APIs", async () => {
    const fixture = await newKey({ name: 'Elsewhere' });
    await verify(fixture);
    const slug = `other-${Date.now()}`;
    const bare = await call('portal.createConfiguration', { slug }, fixture.rootKey);
    expect(bare.status).toBe(200);
    const permissions = ['api.*.read_key', 'api.*.delete_key', 'api.*.read_analytics'];
    const createdSession = await call(
      'portal.createSession',
      { slug, externalId: fixture.externalId, permissions },
      fixture.rootKey,
    );
    const { sessionId } = dataOf<{ sessionId: string }>(createdSession);
    const { token } = dataOf<{ token: string }>(await call('portal.exchangeSession', { sessionId }, ''));
    expect(dataOf(await call('portal.listKeys', {}, token))).toEqual([]);
    expect(codeOf(await call('portal.deleteKey', { keyId: fixture.keyId }, token))).toBe('key_not_found');
    expect((await usage({ ...fixture, token })).totals['total']).toBe(0);
    expect((await usage(fixture)).totals['total']).toBe(1);
  });

  test('keys of a deleted API are not found', async () => {
    const fixture = await newKey();
    const { apiId } = dataOf<{ apiId: string }>(await call('apis.createApi', { name: 'Short-lived' }, fixture.rootKey));
    const slug = `short-${Date.now()}`;
    await call('portal.createConfiguration', { slug, apiIds: [apiId] }, fixture.rootKey);
    const permissions = ['api.*.create_key', 'api.*.read_key'];
    const createdSession = await call(
      'portal.createSession',
      { slug, externalId: 'user', permissions },
      fixture.rootKey,
    );
    const { sessionId } = dataOf<{ sessionId: string }>(createdSession);
    const { token } = dataOf<{ token: string }>(await call('portal.exchangeSession', { sessionId }, ''));
    const made = { ...fixture, token, apiId };
    const { key } = dataOf<{ key: string }>(await create(made));
    expect((await verify({ ...made, apiKey: key })).code).toBe('VALID');
    expect((await call('apis.deleteApi', { apiId }, fixture.rootKey)).status).toBe(200);
    expect((await verify({ ...made, apiKey: key })).code).toBe('NOT_FOUND');
    expect(codeOf(await create(made))).toBe('api_not_found');
  });
});

describe('no API key leaks', () => {
  test('neither Redis, the log nor any response contains one', async () => {
    const fixture = await newKey({ name: 'Secret', byteLength: 16 });
    const rerolled = await call('portal.rerollKey', { keyId: fixture.keyId, expiration: 0 }, fixture.token);
    const secrets = [String(fixture.apiKey), dataOf<{ key: string }>(rerolled).key];
    const [key = ''] = secrets;
    const responses = await Promise.all([
      verify(fixture),
      call('portal.deleteKey', { keyId: key }, fixture.token),
      call('keys.verifyKey', { key, [key]: key }, fixture.rootKey),
      call('keys.verifyKey', { key: 'x'.repeat(513 - key.length) + key }, fixture.rootKey),
      call('portal.listKeys', { search: key }, fixture.token),
      call('portal.getSession', {}, key),
      call(`portal.getSession/${key}`, {}, ''),
      call('keys.verifyKey', { key }, key),
      call('portal.listKeys', {}, fixture.token),
    ]);
    const places = {
      redis: await everythingIn(target),
      log: target.server.log() + second.log(),
      responses: JSON.stringify(responses),
    };
    expect(places.log).toContain('"operation":"keys.verifyKey"');
    for (const [place, text] of Object.entries(places)) {
      const found = secrets.filter((secret) => text.includes(secret.slice(-18)));
      expect([place, found]).toEqual([place, []]);
    }
  });
});
