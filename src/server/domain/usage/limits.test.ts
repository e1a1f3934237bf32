import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Store } from '../../store/index.ts';
import type { UserPolicy } from '../../store/policies.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';
import { getLimits } from './limits.ts';

const now = Date.parse('2026-11-20T12:00:30.500Z');
const midnight = Date.parse('2026-11-21');
beforeEach(() => {
  jest.useFakeTimers({ now });
});
afterEach(() => {
  jest.useRealTimers();
});

const session = {
  portal: { workspaceId: 'ws_1', apiIds: ['api_1', 'api_2'] },
  grant: { externalId: 'ann', permissions: ['api.api_1.read_key'] },
} as unknown as AuthenticatedSession;
const owner = { workspaceId: 'ws_1', externalId: 'ann' };

const ratelimit = { limit: 10, duration: 60_000 };
const quota = { limit: 100, period: 'day', timeZone: 'UTC' } as const;
type PerUser = NonNullable<UserPolicy['perUser']>;
type Counts = Partial<Record<'rate' | 'quota', { used: number; ends: number }>>;

/** The limits of a user in an API with this policy, and whose counts were read. */
async function limitsOf(perUser: PerUser | undefined, counts: Counts, ofUser?: PerUser) {
  const read: unknown[] = [];
  const store = {
    apis: {
      findMany: async (_: string, apiIds: string[]) =>
        apiIds.map((apiId) => ({ apiId, ...(perUser !== undefined && { policy: { perUser } }) })),
    },
    userPolicies: { find: async () => ofUser && { perUser: ofUser } },
    limitCounts: {
      find: async (...args: unknown[]) => {
        read.push(args);
        return counts;
      },
    },
  };
  return { limits: await getLimits(store as unknown as Store, session), read };
}
const full = { ratelimit: { ...ratelimit, remaining: 10, reset: now + 60_000 } };

test('the limits of an API without any are none, and nothing is read for it', async () => {
  expect(await limitsOf(undefined, {})).toStrictEqual({ limits: [{ apiId: 'api_1' }], read: [] });
  const removed = await limitsOf({ ratelimit, quota }, {}, { ratelimit: null, quota: null } as unknown as PerUser);
  expect(removed).toStrictEqual({ limits: [{ apiId: 'api_1' }], read: [] });
});

test.each<[string, PerUser, Counts, object]>([
  ['a rate limit that nothing has used', { ratelimit }, {}, full],
  [
    'a rate limit in the window under way',
    { ratelimit },
    { rate: { used: 3, ends: now + 1 } },
    { ratelimit: { ...ratelimit, remaining: 7, reset: now + 1 } },
  ],
  [
    'a rate limit whose window has just begun',
    { ratelimit },
    { rate: { used: 11, ends: now + 60_000 } },
    { ratelimit: { ...ratelimit, remaining: 0, reset: now + 60_000 } },
  ],
  ['a rate limit that was longer before', { ratelimit }, { rate: { used: 3, ends: now + 60_001 } }, full],
  ['a quota that nothing has used', { quota }, {}, { quota: { ...quota, remaining: 100, reset: midnight } }],
  [
    'a quota of the present period',
    { quota },
    { quota: { used: 30, ends: midnight } },
    { quota: { ...quota, remaining: 70, reset: midnight } },
  ],
  [
    'a quota that had another period before',
    { quota },
    { quota: { used: 30, ends: midnight + 1 } },
    { quota: { ...quota, remaining: 100, reset: midnight } },
  ],
  [
    'both, of which more was used than there is now',
    { ratelimit, quota: { ...quota, timeZone: 'Asia/Kathmandu' } },
    { rate: { used: 11, ends: now }, quota: { used: 101, ends: midnight - 345 * 60_000 } },
    {
      ratelimit: { ...ratelimit, remaining: 0, reset: now },
      quota: { ...quota, timeZone: 'Asia/Kathmandu', remaining: 0, reset: midnight - 345 * 60_000 },
    },
  ],
])('the limits of a user show what is left of %s', async (_, perUser, counts, expected) => {
  const { limits, read } = await limitsOf(perUser, counts);
  expect(limits).toStrictEqual([{ apiId: 'api_1', ...expected }]);
  expect(read).toEqual([[owner, 'api_1']]);
});
