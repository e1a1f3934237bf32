import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { PorticoError } from '../../../clients/typescript/src/index.ts';
import type { PortalSession, SessionPortal } from '../../../generated/client/types.gen.ts';
import { isFramed } from '../embedding/frame-parent.ts';
import { signOut } from '../entry/leave.ts';
import { useSignedOut } from '../entry/signed-out.ts';
import { Brand } from '../parts/brand.tsx';
import { Icon } from '../parts/icon.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { portal } from '../server/client.ts';
import { nameOf, titleOf } from '../theme/brand.ts';
import { AccountMenu } from './account-menu.tsx';
import { labelOf, pathOfTab, tabsOf } from './tabs.ts';
import { TabsNav } from './tabs-nav.tsx';

/** A session that has already ended counts as signed out. */
const logOut = () =>
  portal.endSession().then(
    () => {},
    (error: unknown) => {
      if (!(error instanceof PorticoError && error.status === 401)) throw error;
    },
  );

/** The way back to the application, as far as the portal knows one. */
function Back({ to }: { to: SessionPortal }) {
  const t = useTranslations('links');
  if (to.returnUrl === undefined) return null;
  return (
    // Without a target it would open inside the frame.
    <a className="header-link back" href={to.returnUrl} {...(isFramed && { target: '_top' })}>
      <Icon name="arrow-back" />
      <span>{t('back', { name: nameOf(to) })}</span>
    </a>
  );
}

/** Warns that the sign-out failed, so that the user does not leave a signed-in browser. */
function StillSignedIn({ onRetry }: { onRetry: () => void }) {
  const t = useTranslations();
  const retry = useRef<HTMLButtonElement>(null);
  // What the user has clicked is gone.
  useEffect(() => retry.current?.focus(), []);
  return (
    <div className="failure" role="alert">
      <h2>{t('pages.stillSignedIn.title')}</h2>
      <p>{t('pages.stillSignedIn.text')}</p>
      <button ref={retry} type="button" className="button" onClick={onRetry}>
        {t('links.tryAgain')}
      </button>
    </div>
  );
}

/** The portal's own links, and what it is built with, if the portal shows it. */
function Footer({ branding: { links = [], showPoweredBy } }: Pick<SessionPortal, 'branding'>) {
  const t = useTranslations('frame');
  if (links.length === 0 && !showPoweredBy) return null;
  return (
    <footer className="footer">
      {links.map(({ label, url }) => (
        <a key={`${label} ${url}`} dir="auto" href={url} target="_blank" rel="noreferrer">
          {label}
        </a>
      ))}
      {showPoweredBy && <span>{t('poweredBy')}</span>}
    </footer>
  );
}

/** The frame around every tab: preview banner, brand, way back, account and tabs. */
export function Frame({ session, children }: { session: PortalSession; children: ReactNode }) {
  const t = useTranslations('frame');
  const links = useTranslations('links');
  const [location] = useLocation();
  const content = useRef<HTMLElement>(null);
  const tab = tabsOf(session).find((each) => pathOfTab[each] === location);
  const seen = useRef(tab);
  const { mutate, isPending, isError } = useMutation({ mutationFn: () => signOut(logOut), onSuccess: useSignedOut() });
  useEffect(() => {
    // Focuses the chosen tab, so that a screen reader reads it, and shows it from its top. Not on the first render.
    if (seen.current !== undefined && seen.current !== tab) {
      content.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    seen.current = tab;
  }, [tab]);
  usePageTitle(
    ...(tab === undefined ? [] : [labelOf(session.portal, tab) ?? t(`tabs.${tab}`)]),
    titleOf(session.portal),
  );
  const { supportUrl, branding } = session.portal;
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      {session.preview && <aside className="preview">{t('preview', { externalId: session.externalId })}</aside>}
      <header className="header">
        <Brand of={session.portal} />
        <div className="header-end">
          <Back to={session.portal} />
          {supportUrl !== undefined && (
            <a className="header-link help" href={supportUrl} target="_blank" rel="noreferrer">
              {links('help')}
            </a>
          )}
          <AccountMenu session={session} isBusy={isPending} hasFailed={isError} onSignOut={() => mutate()} />
        </div>
        <TabsNav session={session} current={location} />
      </header>
      <main id="content" className="content" data-tab={tab} tabIndex={-1} ref={content}>
        {isError && <StillSignedIn onRetry={() => mutate()} />}
        {children}
      </main>
      <Footer branding={branding} />
    </>
  );
}
