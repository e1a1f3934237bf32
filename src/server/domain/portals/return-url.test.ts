import { expect, test } from '@jest/globals';
import { withExpiredReason } from './return-url.ts';

const app = 'https://app.example';
const reason = 'reason=session_expired';

test.each([
  [app, `${app}?${reason}`],
  [`${app}/`, `${app}/?${reason}`],
  [`${app}/settings?tab=api`, `${app}/settings?tab=api&${reason}`],
  // Nothing is decoded, encoded or normalized: the query may be signed.
  [
    `${app}/cb?next=%2Fa%20b&sig=x~y%2Bz*'()&flag&e=#/tab`,
    `${app}/cb?next=%2Fa%20b&sig=x~y%2Bz*'()&flag&e=&${reason}#/tab`,
  ],
  [`${app}/a/../b%2f?x=%C3%A9&y=%c3%a9&z=é`, `${app}/a/../b%2f?x=%C3%A9&y=%c3%a9&z=é&${reason}`],
  [`${app}?a=1&a=2&a+b=c+d&100%`, `${app}?a=1&a=2&a+b=c+d&100%&${reason}`],
  [`${app}?a=?&b=/?`, `${app}?a=?&b=/?&${reason}`],
  [`${app}?`, `${app}?${reason}`],
  [`${app}?&a=1&&b=2&`, `${app}?&a=1&&b=2&&${reason}`],
  [`${app}#/tab?reason=x`, `${app}?${reason}#/tab?reason=x`],
  [`${app}?a=1#`, `${app}?a=1&${reason}#`],
  // The application reads the first reason.
  [`${app}?reason=other&a=1`, `${app}?a=1&${reason}`],
  [`${app}?reason&re%61son=x&reasons=y&a=reason`, `${app}?reasons=y&a=reason&${reason}`],
])('%s becomes %s', (returnUrl, expected) => {
  expect(withExpiredReason(returnUrl)).toBe(expected);
  expect(new URL(withExpiredReason(returnUrl)).searchParams.get('reason')).toBe('session_expired');
});
