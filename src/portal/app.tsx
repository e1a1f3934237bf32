import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type ComponentType, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Redirect, Route, Switch } from 'wouter';
import type { PorticoError } from '../../clients/typescript/src/index.ts';
import type { PortalSession } from '../../generated/client/types.gen.ts';
import type { Boot, Page } from './boot.ts';
import { notifyParent } from './embedding/frame-parent.ts';
import { Entry } from './entry/entry.tsx';
import { type EndPage, leave, signedOut } from './entry/leave.ts';
import { SignedOutProvider } from './entry/signed-out.ts';
import { useExpiry, useIsOtherUser } from './entry/visit.ts';
import { Frame } from './frame/frame.tsx';
import { pathOfTab, type Tab, tabsOf } from './frame/tabs.ts';
import { KnownPortalProvider } from './notices/known-portal.ts';
import { Notice } from './notices/notice.tsx';
import { isNotice, NoticeFor } from './notices/notices.tsx';
import { openApp } from './open-page.ts';
import { ErrorBoundary } from './parts/error-boundary.tsx';
import { Loading } from './parts/loading.tsx';
import { codeOf } from './server/failures.ts';
import { endsSession } from './server/query-client.ts';
import { SessionProvider, sessionIn, useSessionQuery } from './server/session.ts';

/** The code of a tab. */
interface TabModule {
  default: ComponentType;
  /** Requests what the tab shows first, before it is shown. */
  prefetch?: (queryClient: QueryClient) => void;
}

// Each tab is loaded on first use.
const loaders: Record<Tab, () => Promise<TabModule>> = {
  keys: () => import('./keys/keys.tsx'),
  analytics: () => import('./analytics/analytics.tsx'),
  docs: () => import('./documentation/documentation.tsx'),
  account: () => import('./account/account.tsx'),
};
const views: Partial<Record<Tab, TabModule>> = {};

async function loadView(tab: Tab): Promise<TabModule> {
  const loaded = views[tab] ?? (await loaders[tab]());
  views[tab] = loaded;
  return loaded;
}

/** Loads the code of a tab before the session is known; undefined if that fails, which the tab reports when it tries again. */
export const preloadTab = (tab: Tab): Promise<TabModule | undefined> => loadView(tab).catch(() => undefined);

/**
 * One tab. It does not use React's `lazy`, which delays the content by 300 ms once it has started to wait. If its code cannot be
 * loaded, the user can try again here, or reload the page: it may be older than the server.
 */
function View({ tab }: { tab: Tab }) {
  const t = useTranslations();
  const [state, setState] = useState<'loading' | 'loaded' | 'failed'>(tab in views ? 'loaded' : 'loading');
  useEffect(() => {
    if (state === 'loading')
      loadView(tab).then(
        () => setState('loaded'),
        () => setState('failed'),
      );
  }, [tab, state]);
  if (state === 'failed') {
    return (
      <Notice as="section" title={t('pages.unreachable.title')} text={t('pages.unreachable.text')}>
        <button type="button" className="button primary" onClick={() => setState('loading')}>
          {t('links.tryAgain')}
        </button>
        <button type="button" className="button" onClick={() => location.reload()}>
          {t('links.reload')}
        </button>
      </Notice>
    );
  }
  const Loaded = views[tab]?.default;
  return Loaded === undefined ? <Loading title={t(`frame.tabs.${tab}`)} /> : <Loaded />;
}

/** The fallback for a failed page, or for the failed content of the frame. */
function ErrorNotice({ as }: { as: 'main' | 'section' }) {
  const t = useTranslations();
  return (
    <Notice as={as} title={t('pages.broken.title')} text={t('pages.broken.text')}>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        {t('links.reload')}
      </button>
    </Notice>
  );
}

function Tabs({ session }: { session: PortalSession }) {
  const tabs = tabsOf(session);
  // A portal that is older than the server may not have the tab of the link.
  const first = tabs.find((tab) => tab === session.tab) ?? tabs[0] ?? 'docs';
  return (
    <Switch>
      {tabs.map((tab) => (
        <Route key={tab} path={pathOfTab[tab]}>
          {/* One boundary per tab: if one fails, the others still work. */}
          <ErrorBoundary key={tab} fallback={<ErrorNotice as="section" />}>
            <View tab={tab} />
          </ErrorBoundary>
        </Route>
      ))}
      <Route>
        <Redirect to={pathOfTab[first]} replace />
      </Route>
    </Switch>
  );
}

function SignedIn({ show, onEnded }: { show: (page: Page) => void; onEnded: (page: 'session-expired') => void }) {
  const t = useTranslations();
  const { data: session, error, refetch } = useSessionQuery();
  useExpiry(session?.expiresAt, onEnded);
  const isOtherUser = useIsOtherUser(session, refetch);
  // If the visit has ended, another page is about to appear.
  if (isOtherUser || endsSession(error) || (session === undefined && error === null)) {
    return (
      <main className="content">
        <Loading />
      </main>
    );
  }
  if (session === undefined) {
    return (
      <Notice title={t('pages.unreachable.title')} text={t('pages.unreachable.text')}>
        <button type="button" className="button primary" onClick={() => void refetch()}>
          {t('links.tryAgain')}
        </button>
      </Notice>
    );
  }
  return (
    <SessionProvider value={session}>
      <SignedOutProvider value={() => signedOut(session.portal, show)}>
        <Frame session={session}>
          <Tabs session={session} />
        </Frame>
      </SignedOutProvider>
    </SessionProvider>
  );
}

/** Returns the page to show after a failed call. */
function pageAfter(error: PorticoError): EndPage {
  if (error.status !== 403) return 'session-expired';
  return codeOf(error) === 'workspace_disabled' ? 'workspace-disabled' : 'portal-disabled';
}

interface AppProps {
  boot: Boot;
  /** The page to begin with. */
  first: Page;
  /** The session id of the link, if the page is that of a link. */
  sessionId?: string | undefined;
  /** Registers the listener for calls that find that the session has ended. */
  onFailure: (listener: (error: PorticoError) => void) => void;
}

function Pages({ boot, first, sessionId, onFailure }: AppProps) {
  const [page, show] = useState<Page>(first);
  const queryClient = useQueryClient();
  // A session can have a different return URL than its portal.
  const portal = sessionIn(queryClient)?.portal ?? boot.portal;
  const [visitEnded] = useState(
    () => (next: EndPage) => leave(next, sessionIn(queryClient)?.portal ?? boot.portal, show),
  );
  useEffect(() => {
    if (boot.page === 'session-expired')
      notifyParent({ type: 'portico:session-expired' }, boot.portal?.embeddingOrigins);
  }, [boot]);
  useEffect(() => onFailure((error) => visitEnded(pageAfter(error))), [onFailure, visitEnded]);
  const content = () => {
    if (isNotice(page)) return <NoticeFor key={page} page={page} portal={portal} homeUrl={boot.homeUrl} />;
    if (page !== 'enter') return <SignedIn show={show} onEnded={visitEnded} />;
    if (sessionId === undefined) return <NoticeFor page="dead-link" portal={portal} homeUrl={boot.homeUrl} />;
    const onEntered = () =>
      void openApp(boot, queryClient).then((isHere) => {
        if (isHere) show('app');
      });
    return <Entry sessionId={sessionId} boot={boot} onEntered={onEntered} />;
  };
  return <KnownPortalProvider value={portal}>{content()}</KnownPortalProvider>;
}

/** The whole app: shows the page that the server selected, until the session changes. */
export function App(props: AppProps) {
  return (
    <ErrorBoundary fallback={<ErrorNotice as="main" />}>
      <Pages {...props} />
    </ErrorBoundary>
  );
}
