import { casesOf } from '../engine/case.ts';
import { invalid, keyCallerCases, ownKeyCases, sessionRequest, unknownKeyId } from './keys-common.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** The last hour, plus a minute in case the server's clock is ahead. */
const window = () => ({ startTime: Date.now() - 60 * minute, endTime: Date.now() + minute });

export default casesOf('portal.getVerifications', [
  {
    name: 'a time window returns totals, a series and top keys',
    given: 'usedKey',
    request: sessionRequest(window),
    response: {
      status: 200,
      data: { granularity: 'minute', timeZone: 'UTC', totals: { total: 1, valid: 1 }, topKeys: [{ total: 1 }] },
    },
    stateless: true,
  },
  {
    name: 'usage can be filtered by key',
    given: 'usedKey',
    request: sessionRequest(({ keyId }) => ({ ...window(), keyId: keyId })),
    response: { status: 200, data: { totals: { total: 1 } } },
    stateless: true,
  },
  {
    name: 'the series is CSV if Accept is text/csv',
    given: 'usedKey',
    request: (fixture) => ({ ...sessionRequest(window)(fixture), headers: { Accept: 'text/csv' } }),
    response: { status: 200, headers: { 'Content-Type': /^text\/csv(;|$)/ } },
    stateless: true,
  },
  {
    name: 'a window of one day has hourly buckets',
    given: 'keyUser',
    request: sessionRequest(() => ({ ...window(), startTime: Date.now() - day })),
    response: { status: 200, data: { granularity: 'hour', totals: { total: 0 } } },
    stateless: true,
  },
  {
    name: 'a window of seven days has hourly buckets',
    given: 'keyUser',
    request: sessionRequest(() => ({ ...window(), startTime: Date.now() - 7 * day })),
    response: { status: 200, data: { granularity: 'hour', previousTotals: { total: 0 } } },
    stateless: true,
  },
  {
    name: 'a window of ten days has daily buckets',
    given: 'keyUser',
    request: sessionRequest(() => ({ ...window(), startTime: Date.now() - 10 * day })),
    response: { status: 200, data: { granularity: 'day' } },
    stateless: true,
  },
  {
    name: 'the response names the time zone of the request',
    given: 'usedKey',
    request: sessionRequest(() => ({ ...window(), timeZone: 'Asia/Kathmandu' })),
    response: { status: 200, data: { timeZone: 'Asia/Kathmandu', totals: { total: 1 } } },
    stateless: true,
  },
  {
    name: 'a time zone that does not exist is refused and named in the error',
    given: 'keyUser',
    request: sessionRequest(() => ({ ...window(), timeZone: 'Mars/Olympus_Mons' })),
    response: invalid('body.timeZone'),
  },
  {
    name: 'a window that starts before the retention period is refused and named in the error',
    given: 'keyUser',
    request: sessionRequest(() => ({ ...window(), startTime: 1_000_000_000_000 })),
    response: invalid('body.startTime'),
  },
  {
    name: 'a window that ends before it starts is refused and named in the error',
    given: 'keyUser',
    request: sessionRequest(() => ({ startTime: Date.now(), endTime: Date.now() - minute })),
    response: invalid('body.endTime'),
  },
  {
    name: 'a session without the permission on any API is refused',
    given: 'keyWithoutPermissions',
    request: sessionRequest(window),
    response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  ...ownKeyCases((keyId) => ({ ...window(), keyId })).slice(0, 3),
  ...keyCallerCases({ ...window(), keyId: unknownKeyId }),
]);
