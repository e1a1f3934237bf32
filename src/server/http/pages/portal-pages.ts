import { type Request, type Response, Router } from 'express';
import sirv from 'sirv';
import type { SessionPortal } from '../../../../generated/client/types.gen.ts';
import { type Known, knownValues } from '../../../../generated/known-values.ts';
import { operations } from '../../../../generated/operations.ts';
import type { Config } from '../../config/index.ts';
import { newNonce } from '../../domain/credentials.ts';
import {
  currentServerOrigins,
  type DocumentAccess,
  openapiServerOrigins,
} from '../../domain/documents/openapi-document.ts';
import { firstTab, visibleTabs } from '../../domain/permissions.ts';
import { portalOfHost, requireHost } from '../../domain/portals/hosts.ts';
import { portalForUsers } from '../../domain/portals/portals.ts';
import { withExpiredReason } from '../../domain/portals/return-url.ts';
import { isSameServer, webOriginOf } from '../../domain/portals/web-origin.ts';
import {
  type AuthenticatedSession,
  authenticatePortalSession,
  SeveralSessions,
  sessionOfLink,
} from '../../domain/sessions/sessions.ts';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { Portal } from '../../store/portals.ts';
import { StoreUnavailable } from '../../store/redis.ts';
import type { SessionGrant } from '../../store/session-reader.ts';
import { refuseBlocked } from '../address-limits.ts';
import type { ShowProblem } from '../problem-response.ts';
import { noStore, redirectTo } from '../request.ts';
import { type PageNeeds, setPagePolicy } from '../security-headers.ts';
import { readSessionCookies, serializeSessionCookie } from '../session-cookie.ts';
import { hostOfPage, originOfPage } from './hosts.ts';
import { languageOf } from './language.ts';
import { type LastPortal, lastPortalCookie } from './last-portal.ts';
import { assetsDirectory, type PortalPage, portalHtml } from './portal-html.ts';
import type { ShellContent } from './portal-shell.ts';

/** The path of each tab. The app uses the same paths. */
const pathOfTab: Record<Known<'Tab'>, string> = {
  ...{ keys: '/keys', analytics: '/analytics', docs: '/documentation', account: '/account' },
};

/** The operations that the documentation tab calls. */
const pathsOfDocumentation = (['portal.getSession', 'portal.getOpenapiDocument', 'portal.endSession'] as const).map(
  (id) => operations[id].path,
);

/** Whether a frame requests the page. A redirect would navigate the frame, not the page around it. */
const isFramed = (req: Request) => /^(iframe|frame|object|embed)$/.test(String(req.headers['sec-fetch-dest']));

/** The origins of the portal's images. An image whose URL has no valid origin is not shown. */
function imageOrigins({ branding: { logoUrl, logoDarkUrl, faviconUrl } }: SessionPortal): string[] {
  const origins = [logoUrl, logoDarkUrl, faviconUrl].map((url) => (url === undefined ? undefined : webOriginOf(url)));
  return [...new Set(origins.filter((origin) => origin !== undefined))];
}

/** The origin of the portal's own font, if it has one. */
function fontOrigins({ branding: { fontUrl } }: SessionPortal): string[] {
  const origin = fontUrl === undefined ? undefined : webOriginOf(fontUrl);
  return origin === undefined ? [] : [origin];
}

/** The dependencies of the pages. */
type PortalPagesDeps = DocumentAccess & Pick<Config, 'portalBaseUrl' | 'homeUrl'> & { store: Store };

/** The pages of the portal, and how they show a problem. */
export interface PortalPages {
  router: Router;
  showProblem: ShowProblem;
}

/** What a page shows of a session. */
interface Shown {
  locale?: string | undefined;
  shell?: ShellContent | undefined;
  hasDocument?: boolean;
}

/** Whether the portal has an OpenAPI document. */
const offersDocument = ({ openapiUrl }: Portal) => openapiUrl !== undefined;

/** What the page of a session shows until the app is loaded. */
const shellFor = (grant: SessionGrant, { branding }: Portal, tab = firstTab(grant, branding.tabs)): ShellContent => ({
  tab,
  tabs: visibleTabs(grant.permissions, branding.tabs),
  isPreview: grant.preview,
});

/** The pages that end users see: who can see which, and where everyone else is redirected. */
export function portalPages({ store, portalBaseUrl, homeUrl, ...access }: PortalPagesDeps): PortalPages {
  const router = Router({ caseSensitive: true, strict: true });
  const html = portalHtml();
  const lastPortal = lastPortalCookie(store, portalBaseUrl);

  function sendPage(
    req: Request,
    res: Response,
    status: number,
    page: PortalPage,
    portal?: SessionPortal,
    { locale, shell, hasDocument, ...needs }: PageNeeds & Shown = {},
  ): void {
    const styleNonce = newNonce();
    setPagePolicy(req, res, originOfPage(res, portalBaseUrl), {
      inlineStyles: [`'nonce-${styleNonce}'`],
      ...(page === 'enter' && { inlineScripts: [`'${html.inlineScriptHash}'`] }),
      // An empty icon in the page stops browsers from requesting /favicon.ico.
      images: ['data:', ...(portal === undefined ? [] : imageOrigins(portal))],
      fonts: portal === undefined ? [] : fontOrigins(portal),
      frameAncestors: portal?.embeddingOrigins ?? [],
      ...needs,
    });
    const language =
      languageOf(locale, html.languages) ??
      languageOf(portal?.branding.language, html.languages) ??
      (req.acceptsLanguages(html.languages) || (html.languages[0] ?? 'en'));
    noStore(res).status(status).vary('Accept-Language').type('html');
    const apiOrigins = needs.connections;
    const shown = {
      page,
      language,
      locale,
      tab: shell?.tab,
      portal,
      homeUrl,
      apiOrigins,
      hasDocument,
      shell,
      styleNonce,
    };
    res.send(html.write({ ...shown, isFramed: isFramed(req) }));
  }

  /** Whether an origin is not that of the page: the document is not trusted, and the portal has the user's session. */
  const isForeignTo = (res: Response) => (origin: string) =>
    ![portalBaseUrl, originOfPage(res, portalBaseUrl)].some((own) => isSameServer(origin, own));

  /** The servers of the document, which is fetched now if there is no copy. If that fails, the tab shows the error. */
  async function apiOrigins(res: Response, portal: Portal): Promise<string[]> {
    const origins = await currentServerOrigins(store, portal, access).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.code !== 'unkey/data/openapi_document_unavailable') throw error;
      access.reportFailure(error);
      return [];
    });
    return origins.filter(isForeignTo(res));
  }

  /**
   * What the policy of the documentation tab allows: calls to the servers of the customer's API, and of the portal's own
   * operations only those that the tab needs, so that nothing that a document does can call another one.
   */
  const documentationNeeds = async (res: Response, portal: Portal): Promise<PageNeeds> => ({
    connections: await apiOrigins(res, portal),
    ownPaths: pathsOfDocumentation,
  });

  /**
   * In a frame, and in a browser without cookies, the page of the link shows every tab. The server cannot detect a browser
   * without cookies, so only a frame waits for the first fetch of the document.
   */
  async function entryNeeds(req: Request, res: Response, portal: Portal): Promise<PageNeeds> {
    if (isFramed(req)) return { connections: await apiOrigins(res, portal) };
    return { connections: (await openapiServerOrigins(store, portal)).filter(isForeignTo(res)) };
  }

  /** The portal that has the host of the request, as its users see it. A page of it looks like it also without a session. */
  async function portalHere(res: Response): Promise<SessionPortal | undefined> {
    const portal = await portalOfHost(store, hostOfPage(res));
    return portal && portalForUsers(portal);
  }

  /** A page about the last portal of this browser, in the language of its user. */
  const sendLast = (req: Request, res: Response, status: number, page: PortalPage, { portal, locale }: LastPortal) =>
    sendPage(req, res, status, page, portal, { locale });

  /** Redirects a user without a session to the customer's application, or sends a page that says how to get there. */
  async function redirectToApp(req: Request, res: Response): Promise<void> {
    const last = await lastPortal.read(req);
    if (last === undefined) sendPage(req, res, 401, 'come-from-your-app', await portalHere(res));
    else if (last === 'gone') sendPage(req, res, 401, 'session-expired');
    else if (last.portal.returnUrl === undefined || isFramed(req)) sendLast(req, res, 401, 'session-expired', last);
    else redirectTo(res, withExpiredReason(last.portal.returnUrl));
  }

  /** @throws Problem portal_token_missing, portal_session_not_found, forbidden, workspace_disabled, wrong_host, rate_limited */
  async function signedIn(req: Request, res: Response): Promise<AuthenticatedSession> {
    const tokens = readSessionCookies(req, portalBaseUrl);
    if (tokens.length === 0) throw new Problem('unkey/authentication/portal_token_missing');
    refuseBlocked(store, req, tokens);
    const session = await authenticatePortalSession(store, tokens);
    store.failedAuthentication.accept(session.ref.hash);
    requireHost(session.portal, hostOfPage(res));
    return session;
  }

  const showProblem: ShowProblem = async (problem, req, res) => {
    const { code, status } = problem;
    if (problem instanceof SeveralSessions) {
      // A redirect could bring the user back with a new link for ever: a new session does not remove the other cookie.
      sendPage(req, res, status, 'several-sessions');
      return true;
    }
    switch (code) {
      case 'user/bad_request/route_not_found':
        sendPage(req, res, status, 'not-found', await portalHere(res));
        return true;
      case 'unkey/authorization/wrong_host':
        sendPage(req, res, status, 'come-from-your-app', await portalHere(res));
        return true;
      case 'unkey/application/service_unavailable':
        sendPage(req, res, status, 'unreachable');
        return true;
      case 'user/too_many_requests/rate_limited':
        sendPage(req, res, status, 'too-many-requests');
        return true;
      case 'unkey/authentication/portal_token_missing':
      case 'unkey/authentication/portal_session_not_found':
        await redirectToApp(req, res);
        return true;
      case 'unkey/authorization/forbidden':
      case 'unkey/authorization/workspace_disabled': {
        const page = code === 'unkey/authorization/forbidden' ? 'portal-disabled' : 'workspace-disabled';
        const last = await lastPortal.read(req);
        if (last === undefined || last === 'gone') sendPage(req, res, status, page);
        else sendLast(req, res, status, page, last);
        return true;
      }
      default:
        return false;
    }
  };

  router.use('/assets', sirv(assetsDirectory, { immutable: true, maxAge: 31_536_000, brotli: true, gzip: true }));

  router.get('/', async (req, res) => {
    const sessionId = req.query['session'];
    // Looks up the id only for the branding, and does not use it up: link previews and mail scanners open links too. The
    // script of the page exchanges it.
    if (sessionId !== undefined) {
      // If Redis is unavailable, the page still loads, and its script tries the exchange again.
      const linked = await sessionOfLink(store, String(sessionId)).catch((error: unknown) => {
        if (error instanceof StoreUnavailable) return undefined;
        throw error;
      });
      const { portal, grant, isUsed } = linked ?? {};
      if (portal !== undefined) requireHost(portal, hostOfPage(res));
      const needs = portal && { ...(await entryNeeds(req, res, portal)), hasDocument: offersDocument(portal) };
      // A link that is used, or whose portal is disabled, does not lead to the app.
      const shell = grant && !isUsed && portal?.enabled ? shellFor(grant, portal) : undefined;
      sendPage(req, res, 200, 'enter', portal && portalForUsers(portal), { ...needs, shell, locale: grant?.locale });
      return;
    }
    const session = await signedIn(req, res);
    noStore(res).redirect(302, pathOfTab[firstTab(session.grant, session.portal.branding.tabs)]);
  });

  for (const tab of knownValues.Tab) {
    router.get(pathOfTab[tab], async (req, res) => {
      const session = await signedIn(req, res);
      if (!visibleTabs(session.grant.permissions).includes(tab)) {
        noStore(res).redirect(302, '/');
        return;
      }
      await lastPortal.remember(res, session);
      const { portal, grant } = session;
      const needs = tab === 'docs' ? await documentationNeeds(res, portal) : {};
      const shown = {
        ...needs,
        shell: shellFor(grant, portal, tab),
        locale: grant.locale,
        hasDocument: offersDocument(portal),
      };
      sendPage(req, res, 200, 'app', portalForUsers(portal, grant.returnUrl), shown);
    });
  }

  /** Whether the request has an active session. */
  async function hasSession(req: Request, res: Response): Promise<boolean> {
    return signedIn(req, res).then(
      () => true,
      (error: unknown) => {
        // Without the cookie of the user, the other one alone would count.
        if (error instanceof SeveralSessions) throw error;
        if (error instanceof Problem && (error.status === 401 || error.status === 403)) return false;
        throw error;
      },
    );
  }

  router.get('/signed-out', async (req, res) => {
    // Any site can link here. A user with an active session must not be signed out by it.
    if (await hasSession(req, res)) {
      noStore(res).redirect(302, '/');
      return;
    }
    const last = await lastPortal.read(req);
    lastPortal.forget(res);
    // Logging out clears only an active session; this also clears an expired one.
    res.append('Set-Cookie', serializeSessionCookie(null, portalBaseUrl));
    if (last === undefined || last === 'gone') sendPage(req, res, 200, 'signed-out');
    else if (last.portal.returnUrl === undefined) sendLast(req, res, 200, 'signed-out', last);
    else redirectTo(res, last.portal.returnUrl);
  });

  return { router, showProblem };
}
