import { expect, test } from '@jest/globals';
import { withExpiredReason } from './portals.ts';

test.each([
  ['https://app.acme.example', 'https://app.acme.example/?reason=session_expired'],
  ['https://app.acme.example/a?b=c&d=e', 'https://app.acme.example/a?b=c&d=e&reason=session_expired'],
  ['https://app.acme.example/?reason=other#part', 'https://app.acme.example/?reason=session_expired#part'],
  ['http://localhost:8080/x', 'http://localhost:8080/x?reason=session_expired'],
])('%s becomes %s', (returnUrl, expected) => {
  expect(withExpiredReason(returnUrl)).toBe(expected);
});
