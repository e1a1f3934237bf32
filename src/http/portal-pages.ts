import { join } from 'node:path';
import express, { type CookieOptions, type Request, type Response, Router } from 'express';
import { visibleTabs } from '../domain/permissions.ts';
import { findReturnUrl, withExpiredReason } from '../domain/portals.ts';
import { authenticatePortalSession } from '../domain/sessions.ts';
import { Problem } from '../problem.ts';
import { root } from '../root.ts';
import type { Store } from '../store/index.ts';
import { noStore } from './no-store.ts';
import { readSessionCookie } from './session-cookie.ts';

const built = join(root, 'dist/portal');
const pathOfTab = { keys: '/keys', analytics: '/analytics', docs: '/documentation' } as const;

/**
 * Which portal this browser was last signed in to. Outlives the session, so that someone whose session has expired can
 * be sent back to where they came from. Names a portal, and the session's own return URL where it has one: that is only
 * a wish by the time it comes back, and followed only where the portal allows it.
 */
const lastPortalCookie = 'portal_last';
const lastPortalMaxAgeMs = 90 * 24 * 60 * 60 * 1000;

type Page = 'app' | 'come-from-your-app' | 'session-expired' | 'portal-disabled' | 'signed-out';

const sendPage = (res: Response, status: number, page: Page) =>
  noStore(res).status(status).sendFile(`${page}.html`, { root: built, cacheControl: false });

/** Whether this is a person's browser, which asks for HTML in so many words; curl and fetch do not. */
const wantsHtml = (req: Request) => req.headers.accept?.includes('text/html') === true;

/** The pages that end users see: who may see which, and where everyone else is sent. */
export function portalPages(store: Store, portalBaseUrl: string): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const attributes: CookieOptions = {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: portalBaseUrl.startsWith('https:'),
  };

  async function returnUrlOf(req: Request): Promise<{ known: boolean; returnUrl?: string }> {
    const value: unknown = req.cookies[lastPortalCookie];
    const [, workspaceId, portalId, own] =
      /^(ws_[0-9A-Za-z]+)\.(portal_[0-9A-Za-z]+)(?:\.([\w-]+))?$/.exec(String(value)) ?? [];
    if (workspaceId === undefined || portalId === undefined) return { known: false };
    const wish = own === undefined ? undefined : Buffer.from(own, 'base64url').toString();
    const returnUrl = await findReturnUrl(store, workspaceId, portalId, wish);
    return { known: true, ...(returnUrl !== undefined && { returnUrl }) };
  }

  /** Nobody is signed in: back to the customer's application, or a page that says how to get there. */
  async function turnAway(req: Request, res: Response): Promise<void> {
    const { known, returnUrl } = await returnUrlOf(req);
    if (returnUrl !== undefined) noStore(res).redirect(302, withExpiredReason(returnUrl));
    else sendPage(res, 401, known ? 'session-expired' : 'come-from-your-app');
  }

  async function signedIn(req: Request, res: Response) {
    try {
      const token = readSessionCookie(req);
      if (token === undefined) throw new Problem('unkey/authentication/portal_token_missing');
      return await authenticatePortalSession(store, token);
    } catch (error) {
      if (!(error instanceof Problem) || !wantsHtml(req)) throw error;
      if (error.status === 401) await turnAway(req, res);
      else sendPage(res, error.status, 'portal-disabled');
      return undefined;
    }
  }

  router.use('/assets', express.static(join(built, 'assets'), { index: false, maxAge: '1h' }));

  router.get('/', async (req, res) => {
    // The id is not looked at here: link previews and mail scanners open links too. The page's script exchanges it.
    if ('session' in req.query) {
      sendPage(res, 200, 'app');
      return;
    }
    const session = await signedIn(req, res);
    if (session === undefined) return;
    const [first = 'docs'] = visibleTabs(session.grant.permissions);
    noStore(res).redirect(302, pathOfTab[first]);
  });

  for (const tab of ['keys', 'analytics', 'docs'] as const) {
    router.get(pathOfTab[tab], async (req, res) => {
      const session = await signedIn(req, res);
      if (session === undefined) return;
      if (!visibleTabs(session.grant.permissions).includes(tab)) {
        noStore(res).redirect(302, '/');
        return;
      }
      const { workspaceId, portalId } = session.portal;
      const own = session.grant.returnUrl && `.${Buffer.from(session.grant.returnUrl).toString('base64url')}`;
      res.cookie(lastPortalCookie, `${workspaceId}.${portalId}${own ?? ''}`, {
        ...attributes,
        maxAge: lastPortalMaxAgeMs,
      });
      sendPage(res, 200, 'app');
    });
  }

  router.get('/signed-out', async (req, res) => {
    const { returnUrl } = await returnUrlOf(req);
    res.clearCookie(lastPortalCookie, attributes);
    if (returnUrl !== undefined) noStore(res).redirect(302, returnUrl);
    else sendPage(res, 200, 'signed-out');
  });

  return router;
}
