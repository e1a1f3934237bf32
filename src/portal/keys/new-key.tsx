import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { CopyButton } from '../parts/copy-button.tsx';

/**
 * Shows a new key, once. Until the user copies it, the browser asks for confirmation before the page closes.
 *
 * @param onStored called when the user confirms that they saved the key, or copies it
 */
export function NewKeyDialog({
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
  useEffect(() => {
    field.current?.select();
  }, []);
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
          onCopy={onCopied}
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
