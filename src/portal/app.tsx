import { useQueryClient } from '@tanstack/react-query';
import { type ComponentType, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Redirect, Route, Switch } from 'wouter';
import type { PortalSession, Tab } from '../../generated/client/types.gen.ts';
import type { Boot, Page } from './boot.ts';
import { bearsToken, tellParent } from './embedding/frame-parent.ts';
import { Entry } from './entry/entry.tsx';
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
const views: Partial<Record<Tab, ComponentType>> = {};

async function loadView(tab: Tab): Promise<void> {
  views[tab] ??= (await loaders[tab]()).default;
}

/** Loads what the page at this path shows, before it is known whether anybody is signed in. */
export async function preloadTab(path: string): Promise<void> {
  const tab = (['keys', 'analytics', 'docs'] as const).find((each) => path === pathOfTab[each]);
  // Where it fails, whoever shows the tab sees it too.
  if (tab !== undefined) await loadView(tab).catch(() => {});
}

/**
 * One tab. Not by React's lazy: what that has once begun to wait for it holds back for 300 ms, also where it is there at
 * once.
 *
 * @throws what kept it from being loaded
 */
function View({ tab }: { tab: Tab }) {
  const t = useTranslations('frame.tabs');
  const [failure, setFailure] = useState<unknown>();
  const [isLoaded, setIsLoaded] = useState(tab in views);
  useEffect(() => {
    if (!isLoaded) loadView(tab).then(() => setIsLoaded(true), setFailure);
  }, [tab, isLoaded]);
  if (failure !== undefined) throw failure;
  const Loaded = views[tab];
  return Loaded === undefined ? <Loading title={t(tab)} /> : <Loaded />;
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
  const [first = 'docs'] = session.tabs;
  return (
    <Switch>
      {session.tabs.map((tab) => (
        <Route key={tab} path={pathOfTab[tab]}>
          {/* One for each tab: where one fails, the others can still be gone to. */}
          <Crash key={tab} instead={<Broken as="section" />}>
            <View tab={tab} />
          </Crash>
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
