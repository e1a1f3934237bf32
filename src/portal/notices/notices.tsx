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
  'workspace-disabled': 'workspaceDisabled',
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

/** A way to continue. */
interface Way {
  text: string;
  href: string;
  /** Where it opens, if not in the same place. */
  target?: '_top' | '_blank';
}

/** The known targets for links out of the portal. */
interface LinkTargets {
  portal: Boot['portal'] | undefined;
  homeUrl: Boot['homeUrl'] | undefined;
}

/** Pages on which the user can do something at once: it comes first, before the way back. */
const ownWays: Partial<Record<NoticePage, { text: 'portal' | 'tryAgain'; href: string }>> = {
  'not-found': { text: 'portal', href: '/' },
  unreachable: { text: 'tryAgain', href: '' },
  'too-many-requests': { text: 'tryAgain', href: '' },
};

/** Pages whose user may have opened a new link in another tab since. */
const mayBeSignedIn = new Set<NoticePage>([
  'session-expired',
  'come-from-your-app',
  'portal-disabled',
  'workspace-disabled',
  'several-sessions',
]);

/** The ways to continue from a page, the best one first. The server writes the same into its pages, in portal-html.ts. */
function useWays(page: NoticePage, { portal, homeUrl }: LinkTargets): Way[] {
  const t = useTranslations('links');
  const back = portal?.returnUrl ?? homeUrl;
  const own = ownWays[page];
  return [
    ...(own === undefined ? [] : [{ text: t(own.text), href: own.href }]),
    ...(back === undefined
      ? []
      : [
          {
            text: portal === undefined ? t('backToApp') : t('back', { name: nameOf(portal) }),
            href: back,
            // Without a target the link would open inside the frame.
            ...(isFramed && { target: '_top' as const }),
          },
        ]),
    ...(portal?.supportUrl === undefined
      ? []
      : [{ text: t('help'), href: portal.supportUrl, target: '_blank' as const }]),
    ...(!isFramed && mayBeSignedIn.has(page) ? [{ text: t('tryAgain'), href: '/' }] : []),
  ];
}

/** Explains why the portal is not visible, and how to get to it. */
export function NoticeFor({ page, ...targets }: { page: NoticePage } & LinkTargets) {
  const t = useTranslations('pages');
  const name = names[page];
  const ways = useWays(page, targets);
  return (
    <Notice title={t(`${name}.title`)} text={t(`${name}.text`)}>
      {ways.map(({ text, href, target }, i) => (
        <a
          key={text}
          className={i === 0 ? 'button primary' : 'button'}
          href={href}
          {...(target !== undefined && { target, ...(target === '_blank' && { rel: 'noreferrer' }) })}
        >
          {text}
        </a>
      ))}
    </Notice>
  );
}
