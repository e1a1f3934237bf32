import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { CopyButton } from '../parts/copy-button.tsx';

/**
 * Shows a key, the only time it can be shown. As long as it has not been copied, the browser asks before the page goes.
 *
 * @param onStored the user says that they have it, or has copied it
 */
export function NewKeyShown({
  secret,
  onCopied,
  onDone,
}: {
  secret: string;
  onCopied: () => void;
  onDone: () => void;
}) {
  const t = useTranslations('keys.created');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);
  useEffect(() => field.current?.select(), []);
  return (
    <>
      <div className="secret">
        <input
          ref={field}
          className="input"
          readOnly
          spellCheck={false}
          autoComplete="off"
          aria-label={t('label')}
          value={secret}
          onFocus={(event) => event.target.select()}
        />
        <CopyButton text={secret} label={t('copy')} select={() => field.current?.select()} onCopied={onCopied} />
      </div>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onDone}>
          {t('done')}
        </button>
      </div>
    </>
  );
}
