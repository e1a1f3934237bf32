import { casesOf } from '../engine/case.ts';
import { optionalBodyCallerCases, sessionRequest } from './keys-common.ts';

export default casesOf('portal.getLimits', [
  {
    name: 'a user gets what is left of the rate limit and of the quota',
    given: 'usedKey',
    request: sessionRequest(() => ({})),
    response: {
      status: 200,
      data: [
        {
          ratelimit: { limit: 2_000_000, duration: 60_000, remaining: 1_999_999 },
          quota: { limit: 1_000_000, period: 'month', timeZone: 'UTC', remaining: 999_999 },
        },
      ],
    },
    stateless: true,
  },
  {
    name: 'a missing body equals an empty object, and nothing is used yet',
    given: 'keyUser',
    request: ({ token }) => ({ authorization: `Bearer ${token}` }),
    response: { status: 200, data: [{ ratelimit: { remaining: 2_000_000 }, quota: { remaining: 1_000_000 } }] },
    stateless: true,
  },
  {
    name: 'a user without key permissions gets no limits',
    given: 'keyWithoutPermissions',
    request: sessionRequest(() => ({})),
    response: { status: 200, data: [] },
    stateless: true,
  },
  ...optionalBodyCallerCases({}),
]);
