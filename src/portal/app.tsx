import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Redirect, Route, Switch } from 'wouter';
import type { PortalSession } from '../../generated/client/types.gen.ts';
import type { Boot, Page } from './boot.ts';
import { Entry } from './entry/entry.tsx';
import { bearsToken, tellParent } from './entry/frame-parent.ts';
import { leave, signedOut } from './entry/leave.ts';
import { useExpiry, useIsSomeoneElse } from './entry/visit.ts';
import { Frame } from './frame/frame.tsx';
import { pathOfTab } from './frame/tabs.ts';
import { Notice } from './notices/notice.tsx';
import { isNotice, NoticeFor } from './notices/notices.tsx';
import { Crash } from './parts/crash.tsx';
import { Loading } from './parts/loading.tsx';
import type { CallFailed } from './server/answer.ts';
import { endsTheVisit } from './server/query-client.ts';
import { SessionProvider, sessionIn, useSessionQuery } from './server/session.ts';

// Each tab is loaded when it is first looked at.
const loaders = {
  keys: () => import('./keys/keys.tsx'),
  analytics: () => import('./analytics/analytics.tsx'),
  docs: () => import('./documentation/documentation.tsx'),
};
const views = { keys: lazy(loaders.keys), analytics: lazy(loaders.analytics), docs: lazy(loaders.docs) };

/** Starts loading what the page at this path shows, before it is known whether anybody is signed in. */
export function preloadTab(path: string): void {
  for (const tab of ['keys', 'analytics', 'docs'] as const) {
    // Where it fails, whoever shows the tab sees it too.
    if (path === pathOfTab[tab]) loaders[tab]().catch(() => {});
  }
}

/** In place of what has failed: a whole page, or the content of the frame. */
function Broken({ as }: { as: 'main' | 'section' }) {
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
  const t = useTranslations('frame.tabs');
  const [first = 'docs'] = session.tabs;
  return (
    <Switch>
      {session.tabs.map((tab) => {
        const View = views[tab];
        return (
          <Route key={tab} path={pathOfTab[tab]}>
            {/* One for each tab: where one fails, the others can still be gone to. */}
            <Crash key={tab} instead={<Broken as="section" />}>
              <Suspense fallback={<Loading title={t(tab)} />}>
                <View />
              </Suspense>
            </Crash>
          </Route>
        );
      })}
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
  const isSomeoneElse = useIsSomeoneElse(session, refetch);
  // Where the visit is over, something else is about to be shown.
  if (isSomeoneElse || endsTheVisit(error) || (session === undefined && error === null)) return <Loading />;
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
        <Tabs session={session} />
      </Frame>
    </SessionProvider>
  );
}

/** Which page a call's failure leads to. */
const pageAfter = ({ status }: CallFailed) => (status === 403 ? 'portal-disabled' : 'session-expired');

interface AppProps {
  boot: Boot;
  sessionId?: string | undefined;
  /** Hands out what is to be called when a call finds the session over. */
  onFailure: (listener: (error: CallFailed) => void) => void;
}

function Pages({ boot, sessionId, onFailure }: AppProps) {
  const [page, show] = useState<Page>(boot.page);
  const queryClient = useQueryClient();
  // A session may know another way back than its portal.
  const portal = sessionIn(queryClient)?.portal ?? boot.portal;
  const [visitEnded] = useState(
    () => (next: 'session-expired' | 'portal-disabled') =>
      leave(next, sessionIn(queryClient)?.portal ?? boot.portal, show),
  );
  useEffect(() => {
    if (boot.page === 'session-expired') tellParent({ type: 'portico:session-expired' }, boot.portal?.embeddingOrigins);
  }, [boot]);
  useEffect(() => onFailure((error) => visitEnded(pageAfter(error))), [onFailure, visitEnded]);
  if (isNotice(page)) return <NoticeFor page={page} portal={portal} homeUrl={boot.homeUrl} />;
  if (page === 'enter') {
    if (sessionId === undefined) return <NoticeFor page="dead-link" portal={portal} homeUrl={boot.homeUrl} />;
    // The server chooses the first tab, and remembers which portal this was, where there is a cookie to know by.
    const onEntered = () => (bearsToken ? show('app') : location.replace('/'));
    return <Entry sessionId={sessionId} boot={boot} onEntered={onEntered} />;
  }
  return <SignedIn show={show} onEnded={visitEnded} />;
}

/** The whole app: the page that the server asks for, until something happens to the session. */
export function App(props: AppProps) {
  return (
    <Crash instead={<Broken as="main" />}>
      <Pages {...props} />
    </Crash>
  );
}
