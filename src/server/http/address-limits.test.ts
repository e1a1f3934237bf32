import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { sha256 } from '../domain/credentials.ts';
import { Problem } from '../problem.ts';
import type { Store } from '../store/index.ts';
import { countFailures, limitPages, refuseBlocked } from './address-limits.ts';

const res = (operationId?: string) => ({ locals: { operationId } }) as unknown as Response;
const limited = expect.objectContaining({ code: 'user/too_many_requests/rate_limited' });

describe('pages', () => {
  /** How many of these requests pass, and the errors of the others. */
  function outcomeOf(limit: number, requests: [path: string, ip: string][]) {
    const next = jest.fn();
    const errors: unknown[] = [];
    const handler = limitPages(limit);
    for (const [path, ip] of requests) {
      try {
        handler({ path, ip } as Request, res(), next);
      } catch (error) {
        errors.push(error);
      }
    }
    return { passed: next.mock.calls.length, errors };
  }
  const times = <T>(count: number, value: T): T[] => Array(count).fill(value);

  test.each<[requests: [string, string][], passed: number]>([
    [times(5, ['/', '192.0.2.1']), 3],
    [[...times<[string, string]>(4, ['/docs', '192.0.2.1']), ['/keys', '192.0.2.2']], 4],
    [[...times<[string, string]>(3, ['/', '2001:db8::1']), ['/', '2001:db8::2'], ['/', '2001:db8:0:1::1']], 4],
    [times(5, ['/assets/main.js', '192.0.2.1']), 5],
    [times(5, ['/docs/assets/main.js', '192.0.2.1']), 5],
    [times(5, ['/docs/other/assets/main.js', '192.0.2.1']), 3],
  ])('of %j, %i pass a limit of 3', (requests, count) => {
    const { passed, errors } = outcomeOf(3, requests);
    expect(passed).toBe(count);
    expect(errors).toEqual(Array(requests.length - count).fill(limited));
  });

  test('a limit of 0 is none', () => {
    expect(outcomeOf(0, times(100, ['/', '192.0.2.1']))).toEqual({ passed: 100, errors: [] });
  });

  test('the next window begins after a minute, as the error says', async () => {
    let now = 1;
    const next = jest.fn();
    const handler = limitPages(1, { now: () => now });
    const ask = () => handler({ path: '/', ip: '192.0.2.1' } as Request, res(), next);
    ask();
    now += 59_000;
    // The cache reads its clock once per ms.
    await sleep(5);
    expect(ask).toThrow(expect.objectContaining({ rateLimit: 1, retryAfterMs: 1000 }));
    now += 1001;
    await sleep(5);
    ask();
    expect(ask).toThrow(limited);
    expect(next).toHaveBeenCalledTimes(2);
  });
});

describe('failed authentications', () => {
  const refusal = new Problem('user/too_many_requests/rate_limited');
  const outage = new Problem('unkey/application/service_unavailable');

  /** What the client gets for an error, and the addresses that were counted. */
  async function outcomeOf(error: unknown, counting: () => Promise<void>, operationId?: string) {
    const count = jest.fn((_address: string) => counting());
    const handler = countFailures({ failedAuthentication: { count } } as unknown as Store);
    const passed = await new Promise((next) => {
      handler(error, { ip: '2001:db8::1' } as Request, res(operationId), next);
    });
    return { passed, counted: count.mock.calls.flat() };
  }

  test.each(['unkey/authentication/key_not_found', 'unkey/authentication/portal_session_not_found'] as const)(
    '%s counts, and is 429 over the limit',
    async (code) => {
      const error = new Problem(code);
      const counted = ['2001:db8::/64'];
      expect(await outcomeOf(error, () => Promise.resolve())).toEqual({ passed: error, counted });
      expect(await outcomeOf(error, () => Promise.reject(refusal), 'portal.getSession')).toEqual({
        passed: refusal,
        counted,
      });
      // An outage of Redis does not hide the failure.
      expect(await outcomeOf(error, () => Promise.reject(outage))).toEqual({ passed: error, counted });
    },
  );

  test('other failures do not count, nor do exchanges, which have their own limit', async () => {
    const exchange = new Problem('unkey/authentication/portal_session_not_found');
    const refused = () => Promise.reject(refusal);
    expect(await outcomeOf(exchange, refused, 'portal.exchangeSession')).toEqual({ passed: exchange, counted: [] });
    for (const error of [
      new Problem('unkey/authentication/missing'),
      new Problem('unkey/authorization/forbidden'),
      new Problem('user/bad_request/route_not_found'),
      new Error('a mistake'),
    ])
      expect(await outcomeOf(error, refused)).toEqual({ passed: error, counted: [] });
  });

  test('while an address is over its limit, calls are checked by the address and the hashes of their credentials', () => {
    const check = jest.fn();
    const asked = (hasBlocked: boolean) => ({
      failedAuthentication: { hasBlocked: () => hasBlocked, refuseBlocked: check },
    });
    refuseBlocked(asked(false) as unknown as Store, { ip: '192.0.2.1' }, ['a']);
    expect(check).not.toHaveBeenCalled();
    refuseBlocked(asked(true) as unknown as Store, { ip: '192.0.2.1' }, ['a', 'b']);
    expect(check.mock.calls).toEqual([['192.0.2.1', [sha256('a'), sha256('b')]]]);
  });
});
