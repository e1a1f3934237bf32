import type { QueryClient } from '@tanstack/react-query';
import type { Boot, OpenedLink, Page } from './boot.ts';
import { usesBearerToken } from './embedding/frame-parent.ts';
import { continueExchange, enter } from './entry/enter.ts';
import { pathOfTab, type Tab } from './frame/tabs.ts';
import { rememberPortal } from './server/client.ts';
import { pause } from './server/pause.ts';
import { prefetchApis, prefetchSession } from './server/session.ts';

/** How long the app waits until its portal is remembered, in ms. It must not stay away because a convenience takes long. */
const rememberWithinMs = 5000;

/** Requests at once what the app shows first, and waits until the session is known. */
async function prefetch({ tab }: Boot, queryClient: QueryClient): Promise<void> {
  if (tab === 'keys') void prefetchApis(queryClient);
  await prefetchSession(queryClient);
}

/**
 * The tab that opens in the page of a link: to load another page takes longer than all the rest. But the documentation has a page of its own,
 * whose policy lets it call less.
 */
export const tabHere = ({ page, tab }: Boot): Tab | undefined =>
  page === 'enter' && tab === 'docs' && !usesBearerToken ? undefined : tab;

/**
 * Opens the app after an exchange. Without cookies it is always in the page of the link.
 *
 * @returns whether the app can be shown here; otherwise the browser is loading its page
 */
export async function openApp(boot: Boot, queryClient: QueryClient): Promise<boolean> {
  const tab = tabHere(boot);
  if (tab === undefined && !usesBearerToken) {
    location.replace(boot.tab === undefined ? '/' : pathOfTab[boot.tab]);
    return false;
  }
  // Without its address the app would first draw a page without the tab, to be redirected to it.
  if (tab !== undefined) history.replaceState(null, '', pathOfTab[tab]);
  const isRemembered = tab === undefined || usesBearerToken ? undefined : rememberPortal(pathOfTab[tab]);
  await Promise.all([prefetch(boot, queryClient), Promise.race([isRemembered, pause(rememberWithinMs)])]);
  return true;
}

/**
 * Signs in with the link of the page, if it has one, and requests what the app shows first. Until then the page shows what the server wrote.
 *
 * @param onSignedIn called as soon as there is a session
 * @returns the page to show; undefined if the browser is loading another one
 */
export async function openPage(
  boot: Boot,
  link: OpenedLink | undefined,
  queryClient: QueryClient,
  onSignedIn: () => void,
): Promise<Page | undefined> {
  if (boot.page === 'app') {
    onSignedIn();
    await prefetch(boot, queryClient);
    return 'app';
  }
  if (boot.page !== 'enter' || link === undefined) return boot.page;
  continueExchange(link);
  const { entered } = await enter({ sessionId: link.sessionId, replaceSession: false }).catch(() => ({
    entered: false,
  }));
  if (!entered) return 'enter';
  onSignedIn();
  return (await openApp(boot, queryClient)) ? 'app' : undefined;
}
