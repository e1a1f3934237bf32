import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import type { Boot } from '../boot.ts';
import { tellParent } from '../embedding/frame-parent.ts';
import { Notice } from '../notices/notice.tsx';
import { NoticeFor } from '../notices/notices.tsx';
import { CallFailed } from '../server/answer.ts';
import { asideFromVisit } from '../server/query-client.ts';
import { enter } from './enter.ts';

/**
 * The page of a link. A link opens as the person it was minted for or not at all: where it is dead, nobody falls back to
 * the cookie of whoever was signed in before.
 *
 * @param onEntered the session is there
 */
export function Entry({ sessionId, boot, onEntered }: { sessionId: string; boot: Boot; onEntered: () => void }) {
  const t = useTranslations('pages');
  const links = useTranslations('links');
  const { mutate, error, reset } = useMutation({
    mutationFn: enter,
    onSuccess: onEntered,
    // A dead link is no session that has ended.
    meta: asideFromVisit,
  });
  useEffect(() => mutate(sessionId), [mutate, sessionId]);
  const isDead = error instanceof CallFailed && !error.isPassing;
  useEffect(() => {
    // The page around a frame can mint another link.
    if (isDead) tellParent({ type: 'portico:session-expired' }, boot.portal?.embeddingOrigins);
  }, [isDead, boot]);
  if (error === null) {
    return (
      <main className="notice" aria-busy="true">
        <h1>{t('enter.title')}</h1>
        <p>{t('enter.text')}</p>
      </main>
    );
  }
  if (!isDead) {
    return (
      <Notice title={t('unreachable.title')} text={t('unreachable.notSignedIn')}>
        <button
          type="button"
          className="button primary"
          onClick={() => {
            reset();
            mutate(sessionId);
          }}
        >
          {links('tryAgain')}
        </button>
      </Notice>
    );
  }
  const isClosed = error.status === 403;
  return <NoticeFor page={isClosed ? 'portal-disabled' : 'dead-link'} portal={boot.portal} homeUrl={boot.homeUrl} />;
}
