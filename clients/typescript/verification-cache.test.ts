/** The cache of verifications: what it accepts, for how long, and that each verification is counted exactly once. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Portico, VerificationCache, type VerificationCacheOptions } from './src/index.ts';
import { stopwatch } from './src/stopwatch.ts';
import { VerificationReports } from './src/verification-reports.ts';
import { failure, type Scripted, success } from './testing.ts';

const valid = { valid: true, code: 'VALID', keyId: 'key_1', apiId: 'api_1', externalId: 'user_123' };
const staleMs = 5000;
const start = Date.parse('2026-11-26T12:00:00Z');

beforeEach(() => {
  jest.useFakeTimers({ now: start });
});
afterEach(() => {
  jest.useRealTimers();
});

interface Sent {
  operation: string;
  body: { key: string; apiId?: string; verifications: { key: string; count: number }[] };
  idempotencyKey: string | null;
  /** Unix ms. */
  at: number;
}

type Respond = (sent: Sent) => Scripted | Promise<Scripted>;

/** A cache with a Portico whose responses a test makes. */
function newCache(
  respond: Respond = ({ operation }) => success(operation === 'keys.verifyKey' ? valid : {}),
  options: VerificationCacheOptions = {},
) {
  const sent: Sent[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const one = {
      operation: String(input).split('/v2/')[1] ?? '',
      body: JSON.parse(String(init?.body)),
      idempotencyKey: new Headers(init?.headers).get('Idempotency-Key'),
      at: Date.now(),
    };
    sent.push(one);
    const { status, headers = {}, body, cut } = await respond(one);
    if (cut) throw new TypeError('fetch failed');
    return new Response(JSON.stringify(body), { status, headers });
  };
  const lost: number[] = [];
  const portico = new Portico({ baseUrl: 'http://localhost:1', rootKey: 'rk_1', fetch });
  const cache = new VerificationCache(portico, { staleMs, onLost: (_, count) => lost.push(count), ...options });
  const of = (operation: string) => sent.filter((one) => one.operation === operation);
  return {
    cache,
    lost,
    verified: () => of('keys.verifyKey').length,
    reports: () => of('keys.reportVerifications'),
    verify: (key = 'pay_1', apiId?: string) => cache.verifyKey({ key, ...(apiId !== undefined && { apiId }) }),
    /** Lets time pass, with everything that happens in it. */
    pass: (ms: number) => jest.advanceTimersByTimeAsync(ms),
  };
}

/** The number of reported verifications by key; a repeated report counts once. */
function countsIn(reports: Sent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { body } of new Map(reports.map((one) => [one.idempotencyKey, one])).values())
    for (const { key, count } of body.verifications) counts[key] = (counts[key] ?? 0) + count;
  return counts;
}

const times = async (many: number, act: () => Promise<unknown>) => {
  for (let i = 0; i < many; i++) await act();
};

describe('a cached result', () => {
  test('is used until it is as old as allowed, from the moment of its request on', async () => {
    const { verify, verified, pass } = newCache(async ({ operation }) => {
      // The server decides at the end of these two seconds at the latest.
      if (operation === 'keys.verifyKey') await new Promise((resolve) => setTimeout(resolve, 2000));
      return success(operation === 'keys.verifyKey' ? valid : {});
    });
    const first = verify();
    await pass(2000);
    expect(await first).toEqual(valid);
    await pass(staleMs - 2000 - 1);
    expect(await verify()).toEqual(valid);
    expect(verified()).toBe(1);
    await pass(1);
    const second = verify();
    await pass(2000);
    await second;
    expect(verified()).toBe(2);
  });

  test('is none by default', async () => {
    const { verify, verified, reports, cache } = newCache(undefined, { staleMs: undefined });
    await Promise.all([verify(), verify(), verify()]);
    await cache.flush();
    expect([verified(), reports()]).toEqual([3, []]);
  });

  test('is of one key and one API', async () => {
    const { verify, verified } = newCache();
    for (const [key, apiId] of [['a'], ['b'], ['a', 'api_1'], ['a', 'api_2']] as const)
      await times(2, () => verify(key, apiId));
    expect(verified()).toBe(4);
  });

  test('is of one operation, one list of scopes and one address, whatever it costs', async () => {
    const { cache, verified } = newCache();
    const questions = [
      { operationId: 'listInvoices' },
      { operationId: 'createInvoice' },
      { scopes: ['read'] },
      { ip: '192.0.2.7' },
      {},
    ];
    for (const question of questions) {
      await cache.verifyKey({ key: 'a', ...question });
      await cache.verifyKey({ ...question, cost: 5, key: 'a' });
    }
    expect(verified()).toBe(questions.length);
  });

  test('is never used beyond the expiry of the key', async () => {
    const { verify, verified, pass } = newCache(({ operation }) =>
      success(operation === 'keys.verifyKey' ? { ...valid, expires: start + 2000 } : {}),
    );
    await verify();
    await pass(1999);
    await verify();
    expect(verified()).toBe(1);
    await pass(1);
    await verify();
    expect(verified()).toBe(2);
  });

  test.each([
    ['a deleted key', { valid: false, code: 'NOT_FOUND' }],
    ['a disabled key', { ...valid, valid: false, code: 'DISABLED' }],
    ['a code of a newer server', { ...valid, code: 'VALID_WITH_WARNING' }],
    ['a valid key with a rate limit', { ...valid, ratelimit: { limit: 9, duration: 60_000, remaining: 8, reset: 1 } }],
  ])('is never that of %s', async (_, verification) => {
    const { verify, verified, reports, cache } = newCache(() => success(verification));
    await times(3, verify);
    expect(await Promise.all([verify(), verify()])).toEqual([verification, verification]);
    await cache.flush();
    expect(reports()).toEqual([]);
    expect(verified()).toBe(5);
  });

  test('is replaced by the next result, whatever that is', async () => {
    let verification: object = valid;
    const { verify, pass } = newCache(({ operation }) => success(operation === 'keys.verifyKey' ? verification : {}));
    await verify();
    verification = { valid: false, code: 'NOT_FOUND' };
    expect(await verify()).toEqual(valid);
    await pass(staleMs);
    expect(await verify()).toEqual(verification);
    expect(await verify()).toEqual(verification);
  });

  test('cannot be changed by a caller', async () => {
    const { verify } = newCache(() => success({ ...valid, meta: { plan: 'free' } }));
    for (const _ of [1, 2, 3]) {
      const verification = await verify();
      expect(verification.meta).toEqual({ plan: 'free' });
      Object.assign(verification.meta ?? {}, { plan: 'pro' });
    }
  });

  test('of the key that was not used for longest makes room for another one', async () => {
    const { verify, verified } = newCache(undefined, { maxKeys: 2 });
    for (const key of ['a', 'b', 'a', 'c']) await verify(key);
    expect(verified()).toBe(3);
    await verify('a');
    expect(verified()).toBe(3);
    await verify('b');
    expect(verified()).toBe(4);
  });

  test('does not appear in a log of the cache', async () => {
    const { inspect } = await import('node:util');
    const { cache, verify } = newCache();
    await times(2, () => verify('pay_secret'));
    expect(inspect(cache, { depth: 9, showHidden: true })).not.toContain('pay_secret');
  });
});

describe('calls at the same time', () => {
  test('share one request, and each of them is counted', async () => {
    const { verify, verified, reports, cache } = newCache();
    expect(await Promise.all(Array.from({ length: 10 }, () => verify()))).toEqual(Array(10).fill(valid));
    await cache.flush();
    expect([verified(), countsIn(reports())]).toEqual([1, { pay_1: 9 }]);
  });

  test('do not share a request that is as old as a result may be', async () => {
    const responses: ((response: Scripted) => void)[] = [];
    const { verify, verified, pass } = newCache(() => new Promise((resolve) => responses.push(resolve)));
    const old = verify();
    await pass(staleMs);
    const fresh = verify();
    await pass(0);
    expect(verified()).toBe(2);
    responses[0]?.(success(valid));
    responses[1]?.(success({ valid: false, code: 'NOT_FOUND' }));
    expect((await old).code).toBe('VALID');
    expect((await fresh).code).toBe('NOT_FOUND');
  });

  test('share the failure of the request, and the next one asks again', async () => {
    let isDown = true;
    const { verify, verified } = newCache(() =>
      isDown ? failure(403, 'unkey/authorization/workspace_disabled') : success(valid),
    );
    const found = await Promise.allSettled([verify(), verify()]);
    expect(found.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isDown = false;
    expect(await verify()).toEqual(valid);
    expect(verified()).toBe(2);
  });
});

describe('reports', () => {
  test('are sent at most once per second, with everything since the last one', async () => {
    const { verify, reports, pass } = newCache(undefined, { staleMs: 3_600_000 });
    await verify();
    for (let i = 0; i < 50; i++) {
      await verify();
      await pass(100);
    }
    const sentAt = reports().map(({ at }) => at);
    expect(sentAt).toHaveLength(5);
    expect(sentAt.slice(1).map((at, i) => at - (sentAt[i] ?? 0))).toEqual([1000, 1000, 1000, 1000]);
    await pass(1000);
    expect(countsIn(reports())).toEqual({ pay_1: 50 });
    await pass(60_000);
    expect(reports()).toHaveLength(5);
  });

  test('have at most 100 keys', async () => {
    const { verify, reports, cache, pass } = newCache(undefined, { staleMs: 3_600_000 });
    const keys = Array.from({ length: 250 }, (_, i) => `pay_${i}`);
    for (const key of keys) await times(2, () => verify(key));
    await pass(2999);
    expect(reports().map(({ body }) => body.verifications.length)).toEqual([100, 100]);
    await cache.flush();
    expect(reports()[2]?.body.verifications).toHaveLength(50);
    expect(countsIn(reports())).toEqual(Object.fromEntries(keys.map((key) => [key, 1])));
  });

  test('have at most 1,000,000 verifications in an item', async () => {
    const sent: unknown[] = [];
    const portico = new Portico({
      baseUrl: 'http://localhost:1',
      rootKey: 'rk_1',
      fetch: async (_, init) => {
        sent.push(JSON.parse(String(init?.body)));
        return Response.json(success({}).body);
      },
    });
    const reports = new VerificationReports(portico, 1, () => {});
    for (let i = 0; i < 1_000_001; i++) reports.add('a');
    await reports.flush();
    expect(sent).toEqual([{ verifications: [1_000_000, 1].map((count) => ({ key: 'a', count })) }]);
  });

  test('whose response is lost are repeated as they were, and count once', async () => {
    let attempts = 0;
    const { verify, reports, pass, lost } = newCache(({ operation }) => {
      if (operation === 'keys.verifyKey') return success(valid);
      return ++attempts <= 2 ? { status: 200, cut: 'before' } : success({});
    });
    await times(4, verify);
    await pass(1000);
    // More verifications wait for the next report.
    await times(2, verify);
    await pass(60_000);
    const [first, second, third, fourth] = reports();
    expect([second, third].map((one) => [one?.idempotencyKey, one?.body])).toEqual(
      Array(2).fill([first?.idempotencyKey, { verifications: [{ key: 'pay_1', count: 3 }] }]),
    );
    expect(String(first?.idempotencyKey).length).toBeGreaterThanOrEqual(22);
    expect(fourth?.idempotencyKey).not.toBe(first?.idempotencyKey);
    expect(countsIn(reports())).toEqual({ pay_1: 5 });
    expect(lost).toEqual([]);
  });

  test('wait as long as Portico asks', async () => {
    let attempts = 0;
    const { verify, reports, pass } = newCache(({ operation }) => {
      if (operation === 'keys.verifyKey') return success(valid);
      return ++attempts === 1
        ? failure(429, 'user/too_many_requests/rate_limited', { 'Retry-After': '7' })
        : success({});
    });
    await times(2, verify);
    await pass(1000 + 6999);
    expect(reports()).toHaveLength(1);
    await pass(1);
    expect(reports()).toHaveLength(2);
  });

  test.each([
    ['503', failure(503, 'unkey/application/service_unavailable', { 'Retry-After': '1' })],
    ['a proxy', { status: 403, body: 'no' }],
  ])('that fail are given up before Portico forgets them: %s', async (_, response) => {
    const { verify, reports, pass, lost } = newCache(({ operation }) =>
      operation === 'keys.verifyKey' ? success(valid) : response,
    );
    await times(4, verify);
    await pass(3_600_000);
    const at = reports().map((one) => one.at - start);
    expect(at.length).toBeGreaterThan(5);
    expect(new Set(reports().map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    // With the ten seconds that each may take, within five minutes.
    expect(at.at(-1)).toBeGreaterThan(200_000);
    expect(at.at(-1)).toBeLessThan(290_000);
    expect(lost).toEqual([3]);
  });

  test('that Portico refuses are given up at once', async () => {
    const { verify, reports, pass, lost } = newCache(({ operation }) =>
      operation === 'keys.verifyKey' ? success(valid) : failure(403, 'unkey/authorization/insufficient_permissions'),
    );
    await times(3, verify);
    await pass(60_000);
    expect([reports().length, lost]).toEqual([1, [2]]);
  });

  test('wait for at most so many keys: the others are verified by Portico, which counts them', async () => {
    const { verify, verified, reports, cache } = newCache(
      ({ operation }) => (operation === 'keys.verifyKey' ? success(valid) : success({})),
      { maxKeys: 2 },
    );
    for (const key of ['a', 'b']) await times(2, () => verify(key));
    await times(3, () => verify('c'));
    expect(verified()).toBe(5);
    await cache.flush();
    expect(countsIn(reports())).toEqual({ a: 1, b: 1 });
  });

  test('that have no room do not keep an older result alive', async () => {
    const results = [valid, { valid: false, code: 'NOT_FOUND' }, { valid: false, code: 'NOT_FOUND' }];
    const { verify, cache } = newCache(
      ({ operation, body }) =>
        success(operation === 'keys.verifyKey' ? (body.key === 'b' ? results.shift() : valid) : {}),
      { maxKeys: 1 },
    );
    await times(2, () => verify('a'));
    expect([(await verify('b')).code, (await verify('b')).code]).toEqual(['VALID', 'NOT_FOUND']);
    await cache.flush();
    expect((await verify('b')).code).toBe('NOT_FOUND');
  });

  test('do not keep the program running', async () => {
    jest.useRealTimers();
    const { verify } = newCache();
    const set = jest.spyOn(globalThis, 'setTimeout');
    await times(2, verify);
    const timers = set.mock.results.map(({ value }) => value as NodeJS.Timeout);
    set.mockRestore();
    const [report] = timers.slice(-1);
    expect(report?.hasRef()).toBe(false);
    clearTimeout(report);
  });
});

describe('flush', () => {
  test('reports everything, and a failure is an error that a later report repairs', async () => {
    let isDown = true;
    const { verify, reports, cache, pass } = newCache(({ operation }) =>
      operation === 'keys.verifyKey' || !isDown
        ? success(operation === 'keys.verifyKey' ? valid : {})
        : failure(503, 'unkey/application/service_unavailable'),
    );
    await times(3, verify);
    await expect(cache.flush()).rejects.toMatchObject({ status: 503 });
    isDown = false;
    await pass(60_000);
    await cache.flush();
    expect(countsIn(reports())).toEqual({ pay_1: 2 });
    expect(reports()).toHaveLength(2);
  });

  test('sends as many reports as the waiting keys need, and ends although more of them come', async () => {
    const { verify, reports, cache } = newCache(({ operation }) => {
      // Each report finds another verification of a key.
      if (operation === 'keys.reportVerifications') void verify('pay_0');
      return success(operation === 'keys.verifyKey' ? valid : {});
    });
    for (let i = 0; i < 250; i++) await times(2, () => verify(`pay_${i}`));
    await cache.flush();
    expect(reports().map(({ body }) => body.verifications.length)).toEqual([100, 100, 51]);
    await cache.flush();
    expect(countsIn(reports())).toMatchObject({ pay_0: 1 + 3, pay_249: 1 });
  });

  test('shares a report that is under way', async () => {
    const { verify, reports, cache } = newCache();
    await times(3, verify);
    await Promise.all([cache.flush(), cache.flush()]);
    expect(countsIn(reports())).toEqual({ pay_1: 2 });
    expect(reports()).toHaveLength(1);
  });
});

test.each([{ staleMs: -1 }, { staleMs: Number.NaN }, { staleMs: Number.POSITIVE_INFINITY }, { maxKeys: 0 }])(
  'an option that is no number in its range is refused: %p',
  (options) => {
    expect(() => newCache(undefined, options)).toThrow(/^(staleMs|maxKeys) must be an integer from [01] on$/);
    expect(() => new VerificationCache(new Portico({ baseUrl: 'http://localhost' }))).toThrow(/rootKey/);
  },
);

test('a stopwatch is right when a clock is set back, and when the process was suspended', async () => {
  const age = stopwatch();
  await jest.advanceTimersByTimeAsync(1000);
  expect(age()).toBe(1000);
  jest.setSystemTime(start - 3_600_000);
  expect(age()).toBe(1000);
  jest.setSystemTime(start + 60_000);
  expect(age()).toBe(60_000);
});
