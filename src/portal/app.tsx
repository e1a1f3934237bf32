import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Redirect, Route, Switch } from 'wouter';
import type { PortalSession } from '../../generated/client/types.gen.ts';
import type { Boot, Page } from './boot.ts';
import { Entry } from './entry/entry.tsx';
import { isFramed, tellParent } from './entry/frame-parent.ts';
import { leave, signedOut } from './entry/leave.ts';
import { Frame } from './frame/frame.tsx';
import { pathOfTab } from './frame/tabs.ts';
import { Notice } from './notices/notice.tsx';
import { isNotice, NoticeFor } from './notices/notices.tsx';
import { Crash } from './parts/crash.tsx';
import type { CallFailed } from './server/answer.ts';
import { endsTheVisit } from './server/query-client.ts';
import { SessionProvider, useSessionQuery } from './server/session.ts';

// Each tab is loaded when it is first looked at.
const views = {
  keys: lazy(() => import('./keys/keys.tsx')),
  analytics: lazy(() => import('./analytics/analytics.tsx')),
  docs: lazy(() => import('./documentation/documentation.tsx')),
};

/** Starts loading what the page at this path shows, before it is known whether anybody is signed in. */
export function preloadTab(path: string): void {
  if (path === pathOfTab.keys) void import('./keys/keys.tsx');
  if (path === pathOfTab.analytics) void import('./analytics/analytics.tsx');
  if (path === pathOfTab.docs) void import('./documentation/documentation.tsx');
}

function Loading() {
  const t = useTranslations('common');
  return (
    <p className="loading" role="status">
      {t('loading')}
    </p>
  );
}

function Broken() {
  const t = useTranslations();
  return (
    <Notice title={t('pages.broken.title')} text={t('pages.broken.text')}>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        {t('links.reload')}
      </button>
    </Notice>
  );
}

function Tabs({ session }: { session: PortalSession }) {
  const [first = 'docs'] = session.tabs;
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        {session.tabs.map((tab) => (
          <Route key={tab} path={pathOfTab[tab]} component={views[tab]} />
        ))}
        <Route>
          <Redirect to={pathOfTab[first]} replace />
        </Route>
      </Switch>
    </Suspense>
  );
}

function SignedIn({ show, onEnded }: { show: (page: Page) => void; onEnded: (page: 'session-expired') => void }) {
  const t = useTranslations();
  const { data: session, error, refetch } = useSessionQuery();
  const expiresAt = session?.expiresAt;
  useEffect(() => {
    if (expiresAt === undefined) return;
    // A tab that nobody looks at notices too; a machine that slept notices when it wakes.
    const timer = setTimeout(() => onEnded('session-expired'), Math.max(expiresAt - Date.now(), 0));
    return () => clearTimeout(timer);
  }, [expiresAt, onEnded]);
  // Where the visit is over, something else is about to be shown.
  if (endsTheVisit(error) || (session === undefined && error === null)) return <Loading />;
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
      <Frame session={session} onSignedOut={() => signedOut(session.portal, show)}>
        <Crash instead={<Broken />}>
          <Tabs session={session} />
        </Crash>
      </Frame>
    </SessionProvider>
  );
}

/** Which page a call's failure leads to. */
const pageAfter = ({ status }: CallFailed) => (status === 403 ? 'portal-disabled' : 'session-expired');

/**
 * The whole app: the page that the server asks for, until something happens to the session.
 *
 * @param onFailure hands out what is to be called when a call finds the session over
 */
export function App({
  boot,
  sessionId,
  onFailure,
}: {
  boot: Boot;
  sessionId?: string | undefined;
  onFailure: (listener: (error: CallFailed) => void) => void;
}) {
  const [page, show] = useState<Page>(boot.page);
  const [visitEnded] = useState(() => (next: 'session-expired' | 'portal-disabled') => leave(next, boot.portal, show));
  useEffect(() => {
    if (boot.page === 'session-expired') tellParent({ type: 'portico:session-expired' }, boot.portal?.embeddingOrigins);
  }, [boot]);
  useEffect(() => onFailure((error) => visitEnded(pageAfter(error))), [onFailure, visitEnded]);
  if (isNotice(page)) return <NoticeFor page={page} portal={boot.portal} homeUrl={boot.homeUrl} />;
  if (page === 'enter') {
    if (sessionId === undefined) return <NoticeFor page="dead-link" portal={boot.portal} homeUrl={boot.homeUrl} />;
    // The server chooses the first tab, and remembers which portal this was. In a frame there may be no cookie to know by.
    const onEntered = () => (isFramed ? show('app') : location.replace('/'));
    return <Entry sessionId={sessionId} boot={boot} onEntered={onEntered} />;
  }
  return <SignedIn show={show} onEnded={visitEnded} />;
}
