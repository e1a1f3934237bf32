import { afterEach, expect, jest, test } from '@jest/globals';
import type { Request } from 'express';
import { readSessionCookie, serializeSessionCookie } from './session-cookie.ts';

afterEach(() => {
  jest.useRealTimers();
});

test('a token is stored for exactly the life of the session', () => {
  jest.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  const expected = 'portal_session=ps_1; Max-Age=86400; Path=/; Expires=Fri, 02 Jan 2026 00:00:00 GMT; HttpOnly';
  expect(serializeSessionCookie('ps_1', 'http://localhost:3000')).toBe(`${expected}; SameSite=Lax`);
  expect(serializeSessionCookie('ps_1', 'https://portal.example')).toBe(`${expected}; Secure; SameSite=Lax`);
});

test('null clears it', () => {
  const cleared = serializeSessionCookie(null, 'https://portal.example');
  expect(cleared).toMatch(/^portal_session=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; /);
  expect(cleared).not.toContain('Max-Age');
});

test.each([
  [{ portal_session: 'ps_1' }, 'ps_1'],
  [{ portal_session: '' }, undefined],
  [{ portal_session: { a: 1 } }, undefined],
  [{ other: 'ps_1' }, undefined],
])('%j is read as %s', (cookies, token) => {
  expect(readSessionCookie({ cookies } as unknown as Request)).toBe(token);
});
