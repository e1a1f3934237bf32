import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useSignedOut } from '../entry/signed-out.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { useEndSessions } from './queries.ts';

/** Asks before all other sessions end, and on request this one. */
export function SignOutEverywhere({ onClose }: { onClose: () => void }) {
  const t = useTranslations('account.everywhere');
  const cancel = useTranslations('common')('cancel');
  const announce = useAnnounce();
  const signedOut = useSignedOut();
  const [here, setHere] = useState(false);
  const { mutate, error, isPending } = useEndSessions((ended, all) => {
    if (all) return signedOut();
    announce(t('done', { ended }));
    onClose();
  });
  return (
    <Dialog title={t('title')} text={t('text')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mutate(here);
        }}
      >
        <label className="check">
          <input type="checkbox" checked={here} onChange={(event) => setHere(event.target.checked)} />
          {t('here')}
        </label>
        {error !== null && <Failure error={error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {cancel}
          </button>
          <button type="submit" className="button danger" disabled={isPending}>
            {t('submit')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
