import { type CookieOptions, type Request, type Response, Router } from 'express';
import sirv from 'sirv';
import type { SessionPortal, Tab } from '../../generated/client/types.gen.ts';
import type { Config } from '../config.ts';
import { newNonce } from '../domain/credentials.ts';
import { type DocumentAccess, getOpenapiDocument, openapiServerOrigins } from '../domain/openapi-document.ts';
import { visibleTabs } from '../domain/permissions.ts';
import { findPortalForUsers, portalForUsers, withExpiredReason } from '../domain/portals.ts';
import { type AuthenticatedSession, authenticatePortalSession, portalOfLink } from '../domain/sessions.ts';
import { Problem } from '../problem.ts';
import type { Store } from '../store/index.ts';
import type { Portal } from '../store/portals.ts';
import { noStore } from './no-store.ts';
import { assetsDirectory, type PortalPage, portalHtml } from './portal-html.ts';
import { type PageNeeds, setPagePolicy } from './security-headers.ts';
import { readSessionCookie } from './session-cookie.ts';
import { wantsHtml } from './wants-html.ts';

/** Where each tab is. The app has the same paths. */
const pathOfTab: Record<Tab, string> = { keys: '/keys', analytics: '/analytics', docs: '/documentation' };

/**
 * Which portal this browser was last signed in to. Outlives the session, so that someone whose session has expired can
 * be sent back to where they came from. Names a portal, and the session's own return URL where it has one: that is only
 * a wish by the time it comes back, and followed only where the portal allows it.
 */
const lastPortalCookie = 'portal_last';
const lastPortalMaxAgeMs = 90 * 24 * 60 * 60 * 1000;

/** Whether the page is asked for by a frame: there a redirect would move the frame, not the page around it. */
const isFramed = (req: Request) => req.headers['sec-fetch-dest'] === 'iframe';

/** The origins that the portal's own pictures come from. */
const pictureOrigins = ({ branding: { logoUrl, logoDarkUrl, faviconUrl } }: SessionPortal): string[] => [
  ...new Set([logoUrl, logoDarkUrl, faviconUrl].flatMap((url) => (url === undefined ? [] : [new URL(url).origin]))),
];

/** What the pages are made with. */
type PortalPagesDeps = DocumentAccess & Pick<Config, 'portalBaseUrl' | 'homeUrl'> & { store: Store };

/** The pages that end users see: who may see which, and where everyone else is sent. */
export function portalPages({ store, portalBaseUrl, homeUrl, ...access }: PortalPagesDeps): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const html = portalHtml();
  const attributes: CookieOptions = {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: portalBaseUrl.startsWith('https:'),
  };

  function sendPage(
    req: Request,
    res: Response,
    status: number,
    page: PortalPage,
    portal?: SessionPortal,
    needs: PageNeeds = {},
  ): void {
    const styleNonce = newNonce();
    setPagePolicy(req, res, portalBaseUrl, {
      inlineStyles: [`'nonce-${styleNonce}'`],
      ...(page === 'enter' && { inlineScripts: [`'${html.inlineScriptHash}'`] }),
      // An empty icon in the page keeps browsers from asking for one that is not there.
      images: ['data:', ...(portal === undefined ? [] : pictureOrigins(portal))],
      frameAncestors: portal?.embeddingOrigins ?? [],
      ...needs,
    });
    const language = req.acceptsLanguages(html.languages) || (html.languages[0] ?? 'en');
    noStore(res).status(status).vary('Accept-Language').type('html');
    res.send(html.write({ page, language, portal, homeUrl, styleNonce }));
  }

  /**
   * What the documentation needs beyond the other tabs: to call the customer's API from its own page, to whose servers the
   * document leads, and to show the pictures that the document may hold.
   */
  async function documentationNeeds(portal: Portal): Promise<PageNeeds> {
    // Before the document was ever fetched nobody knows its servers. Where it cannot be, the page says so by itself.
    if (portal.openapiUrl !== undefined && (await openapiServerOrigins(store, portal)).length === 0) {
      await getOpenapiDocument(store, portal, access).catch(access.reportFailure);
    }
    return { connections: await openapiServerOrigins(store, portal), images: ['data:', 'https:'] };
  }

  /** The portal that this browser was last signed in to; 'gone' where there was one. */
  async function lastPortal(req: Request): Promise<SessionPortal | 'gone' | undefined> {
    const value: unknown = req.cookies[lastPortalCookie];
    const [, workspaceId, portalId, own] =
      /^(ws_[0-9A-Za-z]+)\.(portal_[0-9A-Za-z]+)(?:\.([\w-]+))?$/.exec(String(value)) ?? [];
    if (workspaceId === undefined || portalId === undefined) return undefined;
    const wish = own === undefined ? undefined : Buffer.from(own, 'base64url').toString();
    return (await findPortalForUsers(store, workspaceId, portalId, wish)) ?? 'gone';
  }

  function rememberPortal(res: Response, { portal, grant }: AuthenticatedSession): void {
    const own = grant.returnUrl && `.${Buffer.from(grant.returnUrl).toString('base64url')}`;
    const value = `${portal.workspaceId}.${portal.portalId}${own ?? ''}`;
    res.cookie(lastPortalCookie, value, { ...attributes, maxAge: lastPortalMaxAgeMs });
  }

  /** Nobody is signed in: back to the customer's application, or a page that says how to get there. */
  async function turnAway(req: Request, res: Response): Promise<void> {
    const last = await lastPortal(req);
    if (last === undefined) sendPage(req, res, 401, 'come-from-your-app');
    else if (last === 'gone') sendPage(req, res, 401, 'session-expired');
    else if (last.returnUrl === undefined || isFramed(req)) sendPage(req, res, 401, 'session-expired', last);
    else noStore(res).redirect(302, withExpiredReason(last.returnUrl));
  }

  async function signedIn(req: Request, res: Response): Promise<AuthenticatedSession | undefined> {
    try {
      const token = readSessionCookie(req);
      if (token === undefined) throw new Problem('unkey/authentication/portal_token_missing');
      return await authenticatePortalSession(store, token);
    } catch (error) {
      if (!(error instanceof Problem) || !wantsHtml(req)) throw error;
      const last = error.status === 401 ? undefined : await lastPortal(req);
      if (error.status === 401) await turnAway(req, res);
      else sendPage(req, res, error.status, 'portal-disabled', last === 'gone' ? undefined : last);
      return undefined;
    }
  }

  router.use('/assets', sirv(assetsDirectory, { immutable: true, maxAge: 31_536_000, brotli: true, gzip: true }));

  router.get('/', async (req, res) => {
    const sessionId = req.query['session'];
    // The id is only looked up here, to know whose brand to wear: link previews and mail scanners open links too. The
    // page's script exchanges it.
    if (sessionId !== undefined) {
      const portal = await portalOfLink(store, String(sessionId));
      // In a frame every tab is shown on this very page.
      const needs = portal !== undefined && isFramed(req) ? await documentationNeeds(portal) : {};
      sendPage(req, res, 200, 'enter', portal && portalForUsers(portal), needs);
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
      rememberPortal(res, session);
      const needs = tab === 'docs' ? await documentationNeeds(session.portal) : {};
      sendPage(req, res, 200, 'app', portalForUsers(session.portal, session.grant.returnUrl), needs);
    });
  }

  router.get('/signed-out', async (req, res) => {
    const last = await lastPortal(req);
    res.clearCookie(lastPortalCookie, attributes);
    if (last === undefined || last === 'gone') sendPage(req, res, 200, 'signed-out');
    else if (last.returnUrl === undefined) sendPage(req, res, 200, 'signed-out', last);
    else noStore(res).redirect(302, last.returnUrl);
  });

  return router;
}
