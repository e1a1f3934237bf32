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

const readFrom = (value: unknown) => read({ cookies: { portal_last: value } } as unknown as Request);
const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** The calls of one method of a response. */
function recorded(act: (res: Response) => void): unknown[][] {
  const calls: unknown[][] = [];
  const record = (...args: unknown[]) => calls.push(args);
  act({ cookie: record, clearCookie: record } as unknown as Response);
  return calls;
}

const attributes = { httpOnly: true, sameSite: 'lax', path: '/', secure: true };

test.each([
  undefined,
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

test('the return URL of the session is used only if the portal allows it', async () => {
  const returnTo = async (url: string) => await readFrom(`ws_1.portal_1.${base64url(url)}`);
  expect(await returnTo('https://b.example/é?a=1')).toMatchObject({ returnUrl: 'https://b.example/é?a=1' });
  for (const url of ['https://evil.example/', 'https://app.example.evil.example', 'javascript:alert(1)', 'not a URL'])
    expect(await returnTo(url)).toMatchObject({ returnUrl: 'https://app.example/' });
});

test('it remembers the portal for 90 days, with the return URL of the session if it has one', () => {
  const session = (returnUrl?: string) =>
    ({
      portal: { workspaceId: 'ws_1', portalId: 'portal_1' },
      grant: { returnUrl },
    }) as unknown as AuthenticatedSession;
  const options = { ...attributes, maxAge: 7_776_000_000 };
  expect(recorded((res) => remember(res, session()))).toEqual([['portal_last', 'ws_1.portal_1', options]]);
  const url = 'https://b.example/é';
  expect(recorded((res) => remember(res, session(url)))).toEqual([
    ['portal_last', `ws_1.portal_1.${base64url(url)}`, options],
  ]);
});

test('it forgets with the same attributes', () => {
  expect(recorded(forget)).toEqual([['portal_last', attributes]]);
});

test('over http, the cookie is not Secure', () => {
  const plain = lastPortalCookie({} as Store, 'http://localhost:3000');
  expect(recorded(plain.forget)).toEqual([['portal_last', { ...attributes, secure: false }]]);
});
