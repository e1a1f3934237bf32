import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { PorticoError } from '../../../clients/typescript/src/index.ts';
import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { signOut } from '../entry/leave.ts';
import { useSignedOut } from '../entry/signed-out.ts';
import { usePageTitle } from '../parts/page-title.ts';
import { portal } from '../server/client.ts';
import { nameOf } from '../theme/brand.ts';
import { TabLink } from './tab-link.tsx';
import { pathOfTab, tabsOf } from './tabs.ts';

/** A session that has already ended counts as signed out. */
const logOut = () =>
  portal.endSession().then(
    () => {},
    (error: unknown) => {
      if (!(error instanceof PorticoError && error.status === 401)) throw error;
    },
  );

function Brand({ session }: { session: PortalSession }) {
  const t = useTranslations('frame');
  const { branding } = session.portal;
  const name = nameOf(session.portal);
  if (branding.logoUrl === undefined) return <span className="brand">{name}</span>;
  return (
    <span className="brand">
      <picture>
        {branding.logoDarkUrl !== undefined && (
          <source srcSet={branding.logoDarkUrl} media="(prefers-color-scheme: dark)" />
        )}
        {/* If the logo cannot be loaded, the name replaces it. */}
        <img src={branding.logoUrl} alt={t('logo', { name })} />
      </picture>
      {name}
    </span>
  );
}

/** The account, and the person who uses it if several people share it. */
function User({ session: { actor, externalId } }: { session: PortalSession }) {
  const t = useTranslations('frame');
  if (actor === undefined) {
    return (
      <span className="muted" title={externalId}>
        {t('signedInAs', { externalId })}
      </span>
    );
  }
  const person = actor.name ?? actor.id;
  return (
    <span className="user">
      <span title={person}>{t('signedInAs', { externalId: person })}</span>
      <span className="muted" title={externalId}>
        {t('account', { externalId })}
      </span>
    </span>
  );
}

function Tabs({ session, current }: { session: PortalSession; current: string }) {
  const t = useTranslations('frame');
  const nav = useRef<HTMLElement>(null);
  // On a phone the tabs scroll. The current one must be visible. New browsers return a promise, which an effect must not.
  useEffect(() => {
    nav.current?.querySelector(`[href="${current}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <nav ref={nav} className="tabs" aria-label={t('navigation')}>
      {tabsOf(session).map((tab) => (
        <TabLink key={tab} tab={tab} {...(pathOfTab[tab] === current && { 'aria-current': 'page' as const })}>
          {t(`tabs.${tab}`)}
        </TabLink>
      ))}
    </nav>
  );
}

/** Warns that the sign-out failed, so that the user does not leave a signed-in browser. */
function StillSignedIn({ onRetry }: { onRetry: () => void }) {
  const t = useTranslations();
  return (
    <div className="failure" role="alert">
      <h2>{t('pages.stillSignedIn.title')}</h2>
      <p>{t('pages.stillSignedIn.text')}</p>
      <button type="button" className="button" onClick={onRetry}>
        {t('links.tryAgain')}
      </button>
    </div>
  );
}

/** The frame around every tab: preview banner, brand, user, sign-out button and tabs. */
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
  usePageTitle(...(tab === undefined ? [] : [t(`tabs.${tab}`)]), nameOf(session.portal));
  const { supportUrl, branding } = session.portal;
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      {session.preview && <aside className="preview">{t('preview', { externalId: session.externalId })}</aside>}
      <header className="header">
        <Brand session={session} />
        <User session={session} />
        {supportUrl !== undefined && (
          <a href={supportUrl} target="_blank" rel="noreferrer">
            {links('help')}
          </a>
        )}
        <button type="button" className="button" disabled={isPending} onClick={() => mutate()}>
          {t('logOut')}
        </button>
      </header>
      <Tabs session={session} current={location} />
      <main id="content" className="content" tabIndex={-1} ref={content}>
        {isError && <StillSignedIn onRetry={() => mutate()} />}
        {children}
      </main>
      {branding.showPoweredBy && <footer className="footer">{t('poweredBy')}</footer>}
    </>
  );
}
