import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { PorticoError } from '../../../clients/typescript/src/index.ts';
import type { Boot } from '../boot.ts';
import { notifyParent } from '../embedding/frame-parent.ts';
import { Notice } from '../notices/notice.tsx';
import { NoticeFor } from '../notices/notices.tsx';
import { hasCode, isTransient } from '../server/failures.ts';
import { ignoreSessionEnd } from '../server/query-client.ts';
import { enter, tryAgain } from './enter.ts';
import { OtherUser } from './other-user.tsx';

/**
 * The page of a link. A link signs in the user it was created for, or no user: if it is invalid, the page does not fall
 * back to the cookie of another user.
 *
 * @param onEntered called when the session exists
 */
export function Entry({ sessionId, boot, onEntered }: { sessionId: string; boot: Boot; onEntered: () => void }) {
  const t = useTranslations('pages');
  const links = useTranslations('links');
  const { mutate, data, variables, error } = useMutation({
    mutationFn: enter,
    onSuccess: ({ entered }) => entered && onEntered(),
    onError: tryAgain,
    // An invalid link does not mean that the current session has ended.
    meta: ignoreSessionEnd,
  });
  useEffect(() => mutate({ sessionId, replaceSession: false }), [mutate, sessionId]);
  const isDead = error instanceof PorticoError && !isTransient(error);
  useEffect(() => {
    // The embedding page can create another link.
    if (isDead) notifyParent({ type: 'portico:session-expired' }, boot.portal?.embeddingOrigins);
  }, [isDead, boot]);
  if (data?.entered === false) {
    return <OtherUser signedIn={data.signedIn} onReplace={() => mutate({ sessionId, replaceSession: true })} />;
  }
  if (error === null) return <Notice title={t('enter.title')} text={t('enter.text')} isBusy />;
  if (!isDead) {
    return (
      <Notice title={t('unreachable.title')} text={t('unreachable.notSignedIn')}>
        <button type="button" className="button primary" onClick={() => variables && mutate(variables)}>
          {links('tryAgain')}
        </button>
      </Notice>
    );
  }
  const closed = hasCode(error, 'workspace_disabled') ? 'workspace-disabled' : 'portal-disabled';
  const page = error.status === 403 ? closed : 'dead-link';
  return <NoticeFor key={page} page={page} portal={boot.portal} homeUrl={boot.homeUrl} />;
}
