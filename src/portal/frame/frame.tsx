import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Link, useLocation } from 'wouter';
import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { bearsToken } from '../embedding/frame-parent.ts';
import { loggingOut } from '../entry/leave.ts';
import { usePageTitle } from '../parts/page-title.ts';
import { CallFailed, dataOf } from '../server/answer.ts';
import { portal } from '../server/client.ts';
import { nameOf } from '../theme/brand.ts';
import { pathOfTab } from './tabs.ts';

/** A session that has ended otherwise is as good as logged out. */
const logOut = () =>
  dataOf(portal.endSession()).then(
    () => {},
    (error: unknown) => {
      if (!(error instanceof CallFailed && error.status === 401)) throw error;
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
        {/* Where it cannot be loaded, the name stands in its place. */}
        <img src={branding.logoUrl} alt={t('logo', { name })} />
      </picture>
      {name}
    </span>
  );
}

function Tabs({ session, current }: { session: PortalSession; current: string }) {
  const t = useTranslations('frame');
  return (
    <nav className="tabs" aria-label={t('navigation')}>
      {session.tabs.map((tab) => {
        const path = pathOfTab[tab];
        const attributes = { href: path, ...(path === current && { 'aria-current': 'page' as const }) };
        const label = t(`tabs.${tab}`);
        // The documentation may talk to the customer's API, which only its own page's policy allows: it is loaded anew.
        return tab === 'docs' && !bearsToken ? (
          <a key={tab} {...attributes}>
            {label}
          </a>
        ) : (
          <Link key={tab} {...attributes}>
            {label}
          </Link>
        );
      })}
    </nav>
  );
}

/** Logging out did not come through, and nobody may walk away believing that it did. */
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

/** What is around every tab: the banner of a preview, the brand, who is signed in, log out, and the tabs. */
export function Frame({
  session,
  onSignedOut,
  children,
}: {
  session: PortalSession;
  onSignedOut: () => void;
  children: ReactNode;
}) {
  const t = useTranslations('frame');
  const links = useTranslations('links');
  const [location] = useLocation();
  const content = useRef<HTMLElement>(null);
  const tab = session.tabs.find((each) => pathOfTab[each] === location);
  const seen = useRef(tab);
  const { mutate, isPending, isError } = useMutation({ mutationFn: () => loggingOut(logOut), onSuccess: onSignedOut });
  useEffect(() => {
    // The tab that was chosen has the focus next, so that a screen reader reads it; not at the first sight of the page.
    if (seen.current !== undefined && seen.current !== tab) content.current?.focus();
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
        <span className="muted">{t('signedInAs', { externalId: session.externalId })}</span>
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
