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
const storeWith = (key: string) => ({ portals: { find }, signingKey: async () => key }) as unknown as Store;
const { read, remember, forget } = lastPortalCookie(storeWith('key'), 'https://portal.example');

const readFrom = (...values: string[]) => {
  const cookie = values.map((value) => `__Host-portal_last=${value}`).join('; ');
  return read({ headers: { cookie } } as unknown as Request);
};
const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** The one cookie that a response sets. */
async function setBy(act: (res: Response) => void | Promise<void>): Promise<string> {
  const headers: string[][] = [];
  await act({ append: (...header: string[]) => headers.push(header) } as unknown as Response);
  expect(headers).toEqual([['Set-Cookie', expect.any(String)]]);
  return headers[0]?.[1] ?? '';
}
const session = (returnUrl?: string, portalId = 'portal_1', locale?: string) =>
  ({ portal: { workspaceId: 'ws_1', portalId }, grant: { returnUrl, locale } }) as unknown as AuthenticatedSession;

/** The value of a cookie that the server has set. */
async function cookieOf(of: AuthenticatedSession, by = remember): Promise<string> {
  const line = await setBy((res) => by(res, of));
  return line.slice(line.indexOf('=') + 1, line.indexOf(';'));
}

test('a portal that exists is read, and one that does not is gone', async () => {
  expect(await readFrom(await cookieOf(session()))).toEqual({
    portal: expect.objectContaining({ slug: 'my-portal', returnUrl: 'https://app.example/' }),
  });
  expect(find).toHaveBeenLastCalledWith('ws_1', 'portal_1');
  expect(await readFrom(await cookieOf(session(undefined, 'portal_2')))).toBe('gone');
});

test('a value that this server has not signed is no cookie of ours', async () => {
  const genuine = await cookieOf(session());
  const [ids = '', signature = ''] = [genuine.slice(0, -23), genuine.slice(-22)];
  expect(`${ids}.${signature}`).toBe(genuine);
  const stranger = lastPortalCookie(storeWith('another key'), 'https://portal.example');
  find.mockClear();
  for (const value of [
    '',
    '.',
    ids,
    `${ids}.`,
    `${ids}.${'A'.repeat(22)}`,
    `ws_2.portal_1.${signature}`,
    `ws_1.portal_2.${signature}`,
    `${ids}.${base64url('https://b.example/')}.${signature}`,
    `${genuine}A`,
    genuine.slice(0, -1),
    genuine.toUpperCase(),
    signature,
    await cookieOf(session(), stranger.remember),
  ])
    expect([value, await readFrom(value)]).toEqual([value, undefined]);
  expect(find).not.toHaveBeenCalled();
});

test('values without a signature are skipped, and of several signed ones none counts', async () => {
  const genuine = await cookieOf(session());
  expect(await readFrom('nonsense', 'ws_1.portal_2', genuine)).toMatchObject({ portal: { slug: 'my-portal' } });
  find.mockClear();
  const planted = await cookieOf(session('https://b.example/'));
  expect(await readFrom(planted, genuine)).toBe('gone');
  expect(await readFrom(genuine, planted)).toBe('gone');
  expect(await readFrom('1', '2', '3', '4', genuine)).toBeUndefined();
  expect(find).not.toHaveBeenCalled();
});

test('the return URL of the session is used only if the portal allows it', async () => {
  const returnTo = async (url: string) => readFrom(await cookieOf(session(url)));
  expect(await returnTo('https://b.example/é?a=1')).toMatchObject({ portal: { returnUrl: 'https://b.example/é?a=1' } });
  for (const url of ['https://evil.example/', 'https://app.example.evil.example', 'javascript:alert(1)', 'not a URL'])
    expect(await returnTo(url)).toMatchObject({ portal: { returnUrl: 'https://app.example/' } });
});

test('it remembers the portal for 90 days, with the return URL of the session if it has one', async () => {
  const rest = 'Max-Age=7776000; Path=/; HttpOnly; Secure; SameSite=Lax';
  const lineOf = (own: string) => new RegExp(`^__Host-portal_last=ws_1\\.portal_1${own}\\.[\\w-]{22}; ${rest}$`);
  expect(await setBy((res) => remember(res, session()))).toMatch(lineOf(''));
  const url = 'https://b.example/é';
  expect(await setBy((res) => remember(res, session(url)))).toMatch(lineOf(`\\.${base64url(url)}`));
});

test('it remembers the locale of the session, with and without a return URL', async () => {
  for (const url of [undefined, 'https://b.example/', `https://b.example/${'é'.repeat(1600)}`])
    expect(await readFrom(await cookieOf(session(url, 'portal_1', 'pt-BR')))).toMatchObject({ locale: 'pt-BR' });
  expect(await readFrom(await cookieOf(session('https://b.example/')))).not.toHaveProperty('locale');
});

test('a return URL that makes the cookie longer than browsers take is left out', async () => {
  const lineOf = (length: number) => setBy((res) => remember(res, session(`https://b.example/${'é'.repeat(length)}`)));
  const lines = await Promise.all(Array.from({ length: 2000 }, (_, length) => lineOf(length)));
  // The URL is in the cookie as long as it fits.
  const longest = lines.findLastIndex((line) => line.length > 1000);
  expect(longest).toBeGreaterThan(1400);
  expect(lines[longest]?.length).toBeGreaterThan(4090);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(4096);
  const value = await cookieOf(session(`https://b.example/${'é'.repeat(1600)}`));
  expect(value).toBe(await cookieOf(session()));
  expect(await readFrom(value)).toMatchObject({ portal: { returnUrl: 'https://app.example/' } });
});

test('it forgets with the same attributes', async () => {
  expect(await setBy(forget)).toBe(
    '__Host-portal_last=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
  );
});

test('over http, the cookie is not Secure and has no prefix', async () => {
  const plain = lastPortalCookie({} as Store, 'http://localhost:3000');
  expect(await setBy(plain.forget)).toBe(
    'portal_last=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
  );
});
