import { expect, jest, test } from '@jest/globals';
import type { Request, Response } from 'express';
import type { AuthenticatedSession } from '../../domain/sessions/sessions.ts';
import type { Store } from '../../store/index.ts';
import { lastPortalCookie } from './last-portal.ts';

const portal = {
  slug: 'my-portal',
  returnUrl: 'https://app.example/',
  allowedReturnOrigins: ['https://b.example'],
  branding: {},
};
const find = jest.fn(async (_workspaceId: string, portalId: string) => (portalId === 'portal_1' ? portal : undefined));
const { read, remember, forget } = lastPortalCookie(
  { portals: { find } } as unknown as Store,
  'https://portal.example',
);

const readFrom = (...values: string[]) => {
  const cookie = values.map((value) => `__Host-portal_last=${value}`).join('; ');
  return read({ headers: { cookie } } as unknown as Request);
};
const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** The headers that a response gets. */
function recorded(act: (res: Response) => void): string[][] {
  const headers: string[][] = [];
  act({ append: (...header: string[]) => headers.push(header) } as unknown as Response);
  return headers;
}
/** The one cookie that a response sets. */
const setBy = (act: (res: Response) => void): string => {
  expect(recorded(act)).toEqual([['Set-Cookie', expect.any(String)]]);
  return recorded(act)[0]?.[1] ?? '';
};

const session = (returnUrl?: string) =>
  ({ portal: { workspaceId: 'ws_1', portalId: 'portal_1' }, grant: { returnUrl } }) as unknown as AuthenticatedSession;

test.each([
  '',
  'ws_1',
  'ws_1.',
  'ws_1.api_1',
  'x.ws_1.portal_1',
  'ws_1.portal_1.',
  'ws_1.portal_1.a.b',
  'ws_1.portal_1.a=',
  'ws_-.portal_1',
  'ws_1.portal_1\n',
])('%j is no cookie of ours', async (value) => {
  find.mockClear();
  expect(await readFrom(value)).toBeUndefined();
  expect(find).not.toHaveBeenCalled();
});

test('a portal that exists is read, and one that does not is gone', async () => {
  expect(await readFrom('ws_1.portal_1')).toMatchObject({ slug: 'my-portal', returnUrl: 'https://app.example/' });
  expect(find).toHaveBeenLastCalledWith('ws_1', 'portal_1');
  expect(await readFrom('ws_1.portal_2')).toBe('gone');
});

test('of several cookies, any that names a portal counts', async () => {
  expect(await readFrom('nonsense', 'ws_1.portal_2', 'ws_1.portal_1')).toMatchObject({ slug: 'my-portal' });
  expect(await readFrom('ws_1.portal_2', 'ws_1.portal_3', 'nonsense')).toBe('gone');
  find.mockClear();
  const many = Array.from({ length: 9 }, (_, i) => `ws_1.portal_${i + 2}`);
  expect(await readFrom(...many, 'ws_1.portal_1')).toBe('gone');
  expect(find).toHaveBeenCalledTimes(4);
});

test('the return URL of the session is used only if the portal allows it', async () => {
  const returnTo = async (url: string) => await readFrom(`ws_1.portal_1.${base64url(url)}`);
  expect(await returnTo('https://b.example/é?a=1')).toMatchObject({ returnUrl: 'https://b.example/é?a=1' });
  for (const url of ['https://evil.example/', 'https://app.example.evil.example', 'javascript:alert(1)', 'not a URL'])
    expect(await returnTo(url)).toMatchObject({ returnUrl: 'https://app.example/' });
});

test('it remembers the portal for 90 days, with the return URL of the session if it has one', () => {
  const rest = 'Max-Age=7776000; Path=/; HttpOnly; Secure; SameSite=Lax';
  expect(setBy((res) => remember(res, session()))).toBe(`__Host-portal_last=ws_1.portal_1; ${rest}`);
  const url = 'https://b.example/é';
  expect(setBy((res) => remember(res, session(url)))).toBe(
    `__Host-portal_last=ws_1.portal_1.${base64url(url)}; ${rest}`,
  );
});

test('a return URL that makes the cookie longer than browsers take is left out', async () => {
  const lineOf = (length: number) => setBy((res) => remember(res, session(`https://b.example/${'é'.repeat(length)}`)));
  // The URL is in the cookie as long as it fits.
  const longest = Array.from({ length: 2000 }, (_, i) => i).findLast((length) => lineOf(length).length > 1000) ?? 0;
  expect(longest).toBeGreaterThan(1400);
  expect(lineOf(longest).length).toBeGreaterThan(4090);
  for (const length of [longest, longest + 1, 1600, 2000]) expect(lineOf(length).length).toBeLessThanOrEqual(4096);
  const [value = ''] = lineOf(1600).split(';');
  expect(value).toBe('__Host-portal_last=ws_1.portal_1');
  expect(await readFrom(value.slice(value.indexOf('=') + 1))).toMatchObject({ returnUrl: 'https://app.example/' });
});

test('it forgets with the same attributes', () => {
  expect(setBy(forget)).toBe(
    '__Host-portal_last=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
  );
});

test('over http, the cookie is not Secure and has no prefix', () => {
  const plain = lastPortalCookie({} as Store, 'http://localhost:3000');
  expect(setBy(plain.forget)).toBe(
    'portal_last=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
  );
});
