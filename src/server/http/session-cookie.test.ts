import { afterEach, expect, jest, test } from '@jest/globals';
import { readSessionCookies, serializeSessionCookie } from './session-cookie.ts';

const [http, https] = ['http://localhost:3000', 'https://portal.example'];

afterEach(() => {
  jest.useRealTimers();
});

test('a token is stored for exactly the life of the session', () => {
  jest.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  const expected = 'portal_session=ps_1; Max-Age=86400; Path=/; Expires=Fri, 02 Jan 2026 00:00:00 GMT; HttpOnly';
  expect(serializeSessionCookie('ps_1', http)).toBe(`${expected}; SameSite=Lax`);
  expect(serializeSessionCookie('ps_1', https)).toBe(`__Host-${expected}; Secure; SameSite=Lax`);
});

test('null clears it', () => {
  const cleared = serializeSessionCookie(null, https);
  expect(cleared).toMatch(/^__Host-portal_session=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; /);
  expect(cleared).not.toContain('Max-Age');
});

test('over https it is read under the name with the prefix alone, over http under both', () => {
  const headers = { cookie: 'portal_session=ps_plain; __Host-portal_session=ps_host' };
  expect(readSessionCookies({ headers }, https)).toEqual(['ps_host']);
  expect(readSessionCookies({ headers }, http)).toEqual(['ps_host', 'ps_plain']);
  expect(readSessionCookies({ headers: {} }, https)).toEqual([]);
  const same = { cookie: 'portal_session=ps_1; __Host-portal_session=ps_1' };
  expect(readSessionCookies({ headers: same }, http)).toEqual(['ps_1']);
});
