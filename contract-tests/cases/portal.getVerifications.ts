import { casesOf } from '../engine/case.ts';
import { bySession, invalid, keyCallerCases, nobodysKey, ownKeyCases } from './keys-common.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** The last hour, and a little more for a clock that goes ahead. */
const window = () => ({ startTime: Date.now() - 60 * minute, endTime: Date.now() + minute });

export default casesOf('portal.getVerifications', [
  {
    name: 'a time window returns totals, a series and top keys',
    given: 'usedKey',
    request: bySession(window),
    answer: { status: 200, data: { granularity: 'minute', totals: { total: 1, valid: 1 }, topKeys: [{ total: 1 }] } },
    stateless: true,
  },
  {
    name: 'usage can be filtered by key',
    given: 'usedKey',
    request: bySession(({ keyId }) => ({ ...window(), keyId: keyId })),
    answer: { status: 200, data: { totals: { total: 1 } } },
    stateless: true,
  },
  {
    name: 'the series is CSV if Accept is text/csv',
    given: 'usedKey',
    request: (facts) => ({ ...bySession(window)(facts), headers: { Accept: 'text/csv' } }),
    answer: { status: 200, headers: { 'Content-Type': /^text\/csv(;|$)/ } },
    stateless: true,
  },
  {
    name: 'a window of one day has hourly buckets',
    given: 'keyUser',
    request: bySession(() => ({ ...window(), startTime: Date.now() - day })),
    answer: { status: 200, data: { granularity: 'hour', totals: { total: 0 } } },
    stateless: true,
  },
  {
    name: 'a window of ten days has daily buckets',
    given: 'keyUser',
    request: bySession(() => ({ ...window(), startTime: Date.now() - 10 * day })),
    answer: { status: 200, data: { granularity: 'day' } },
    stateless: true,
  },
  {
    name: 'a window that starts before the retention period is refused and named in the error',
    given: 'keyUser',
    request: bySession(() => ({ ...window(), startTime: 1_000_000_000_000 })),
    answer: invalid('body.startTime'),
  },
  {
    name: 'a window that ends before it starts is refused and named in the error',
    given: 'keyUser',
    request: bySession(() => ({ startTime: Date.now(), endTime: Date.now() - minute })),
    answer: invalid('body.endTime'),
  },
  {
    name: 'a session without the permission on any API is refused',
    given: 'keyOfPowerless',
    request: bySession(window),
    answer: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  ...ownKeyCases((keyId) => ({ ...window(), keyId })).slice(0, 3),
  ...keyCallerCases({ ...window(), keyId: nobodysKey }),
]);
