import { useTranslations } from 'use-intl';
import type { Boot, Page } from '../boot.ts';
import { isFramed } from '../embedding/frame-parent.ts';
import { nameOf } from '../theme/brand.ts';
import { Notice } from './notice.tsx';

/** The notice pages: the server's name and the key in the messages. */
const names = {
  'session-expired': 'expired',
  'come-from-your-app': 'comeFromYourApp',
  'portal-disabled': 'disabled',
  'several-sessions': 'severalSessions',
  'signed-out': 'signedOut',
  'dead-link': 'deadLink',
  'not-found': 'notFound',
  unreachable: 'unreachable',
  'too-many-requests': 'tooManyRequests',
} as const;

/** A page that only shows a notice. */
export type NoticePage = keyof typeof names;

export const isNotice = (page: Page | NoticePage): page is NoticePage => page in names;

/** The known targets for links out of the portal. */
interface LinkTargets {
  portal: Boot['portal'] | undefined;
  homeUrl: Boot['homeUrl'] | undefined;
}

/** Links back to the application and to support, if they are known. */
function NoticeLinks({ portal, homeUrl }: LinkTargets) {
  const t = useTranslations('links');
  const back = portal?.returnUrl ?? homeUrl;
  // Without a target the link would open inside the frame.
  const target = isFramed ? { target: '_top' } : {};
  return (
    <>
      {back !== undefined && (
        <a className="button primary" href={back} {...target}>
          {portal === undefined ? t('backToApp') : t('back', { name: nameOf(portal) })}
        </a>
      )}
      {portal?.supportUrl !== undefined && (
        <a className="button" href={portal.supportUrl} target="_blank" rel="noreferrer">
          {t('help')}
        </a>
      )}
    </>
  );
}

/** Explains why the portal is not visible, and how to get to it. */
export function NoticeFor({ page, portal, homeUrl }: { page: NoticePage } & LinkTargets) {
  const t = useTranslations('pages');
  const name = names[page];
  return (
    <Notice title={t(`${name}.title`)} text={t(`${name}.text`)}>
      <NoticeLinks portal={portal} homeUrl={homeUrl} />
      {page === 'not-found' && <PortalLink text="portal" />}
      {(page === 'unreachable' || page === 'too-many-requests') && <PortalLink text="tryAgain" href="" />}
      {!isFramed && mayBeSignedIn.has(page) && <PortalLink text="tryAgain" />}
    </Notice>
  );
}

/** Pages whose user may have opened a new link in another tab since. */
const mayBeSignedIn = new Set<NoticePage>([
  'session-expired',
  'come-from-your-app',
  'portal-disabled',
  'several-sessions',
]);

/** A link to the first tab, or to the same page. */
function PortalLink({ text, href = '/' }: { text: 'portal' | 'tryAgain'; href?: string }) {
  const t = useTranslations('links');
  return (
    <a className="button" href={href}>
      {t(text)}
    </a>
  );
}
