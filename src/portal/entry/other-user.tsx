import { useTranslations } from 'use-intl';
import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { Notice } from '../notices/notice.tsx';
import { nameOf } from '../theme/brand.ts';

/**
 * Asks whether the link may replace the session of another user. Any site can send a user to a link, so without an answer
 * nothing changes.
 *
 * @param signedIn the present session, if it is known
 */
export function OtherUser({ signedIn, onReplace }: { signedIn: PortalSession | undefined; onReplace: () => void }) {
  const t = useTranslations('pages.otherUser');
  const text =
    signedIn === undefined
      ? t('unknown')
      : t('text', { portal: nameOf(signedIn.portal), externalId: signedIn.externalId });
  return (
    <Notice title={t('title')} text={text}>
      <a className="button primary" href="/">
        {t('stay')}
      </a>
      <button type="button" className="button" onClick={onReplace}>
        {t('replace')}
      </button>
    </Notice>
  );
}
