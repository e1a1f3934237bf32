import { useTranslations } from 'use-intl';
import type { Boot, Page } from '../boot.ts';
import { isFramed } from '../embedding/frame-parent.ts';
import { nameOf } from '../theme/brand.ts';
import { Notice } from './notice.tsx';

/** The pages that only say something, by what the server calls them, with their names in the messages. */
const names = {
  'session-expired': 'expired',
  'come-from-your-app': 'comeFromYourApp',
  'portal-disabled': 'disabled',
  'signed-out': 'signedOut',
  'dead-link': 'deadLink',
  'not-found': 'notFound',
  unreachable: 'unreachable',
} as const;

/** A page that only says something. */
export type NoticePage = keyof typeof names;

export const isNotice = (page: Page | NoticePage): page is NoticePage => page in names;

/** What is known of where people came from. */
interface Whereabouts {
  portal: Boot['portal'] | undefined;
  homeUrl: Boot['homeUrl'] | undefined;
}

/** Ways out of a notice: back to the application, and to whoever can help, as far as they are known. */
function Ways({ portal, homeUrl }: Whereabouts) {
  const t = useTranslations('links');
  const back = portal?.returnUrl ?? homeUrl;
  // A link in a frame would lead the frame there, not the page around it.
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

/** Says why there is no portal to be seen, and how to get to it. */
export function NoticeFor({ page, portal, homeUrl }: { page: NoticePage } & Whereabouts) {
  const t = useTranslations('pages');
  const name = names[page];
  return (
    <Notice title={t(`${name}.title`)} text={t(`${name}.text`)}>
      <Ways portal={portal} homeUrl={homeUrl} />
      {page === 'not-found' && <WayToPortal text="portal" />}
      {page === 'unreachable' && <WayToPortal text="tryAgain" href="" />}
      {!isFramed && mayBeSignedIn.has(page) && <WayToPortal text="tryAgain" />}
    </Notice>
  );
}

/** Of whom in another tab a link may have been opened since. */
const mayBeSignedIn = new Set<NoticePage>(['session-expired', 'come-from-your-app', 'portal-disabled', 'signed-out']);

/** To the first tab, or to the same page again. */
function WayToPortal({ text, href = '/' }: { text: 'portal' | 'tryAgain'; href?: string }) {
  const t = useTranslations('links');
  return (
    <a className="button" href={href}>
      {t(text)}
    </a>
  );
}
