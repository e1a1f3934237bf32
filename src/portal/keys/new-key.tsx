import { useEffect, useRef } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { usesBearerToken } from '../embedding/frame-parent.ts';
import { pathOfTab } from '../frame/tabs.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { useOfferKey } from '../parts/created-key.ts';
import { Icon } from '../parts/icon.tsx';
import { saveFile } from '../parts/save-file.ts';
import { now } from '../server/clock.ts';
import { useSession } from '../server/session.ts';
import { CallSample } from './lazy-call-sample.tsx';

/** How many characters of a key fit on a line of a phone. */
const lineLength = 34;

/**
 * Shows a new key, once. Until the user stores it, the browser asks for confirmation before the page closes.
 *
 * @param onStored called when the user copies or downloads the key
 * @param onDone called when the user has finished, stored or not
 */
export function NewKeyDialog({
  secret,
  replaced,
  onStored,
  onDone,
}: {
  secret: string;
  /** The key that this one replaces, and when it ends, in Unix ms. */
  replaced: { start: string; end: number } | undefined;
  onStored: () => void;
  onDone: () => void;
}) {
  const t = useTranslations('keys.created');
  const format = useFormatter();
  const { portal, tabs } = useSession();
  useOfferKey(secret);
  const field = useRef<HTMLTextAreaElement>(null);
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
        {/* A key is longer than a phone is wide, so it has several lines. Some browsers cannot fit the field to them. */}
        <textarea
          ref={field}
          readOnly
          rows={Math.ceil(secret.length / lineLength)}
          spellCheck={false}
          autoComplete="off"
          aria-label={t('label')}
          value={secret}
          onFocus={(event) => event.target.select()}
          onCopy={onStored}
        />
        <CopyButton
          look="usual"
          text={secret}
          label={t('copy')}
          select={() => field.current?.select()}
          onCopied={onStored}
        />
      </div>
      {replaced !== undefined && (
        <p className="note">
          {t('replaces', { start: replaced.start, when: format.relativeTime(new Date(replaced.end), new Date(now())) })}
        </p>
      )}
      <CallSample secret={secret} />
      <div className="dialog-actions">
        <button
          type="button"
          className="button"
          onClick={() => {
            // Browsers drop a dot at the beginning of the name of a download.
            saveFile(`API_KEY=${secret}\n`, `${portal.slug}.env`, 'text/plain');
            onStored();
          }}
        >
          <Icon name="download" />
          {t('download')}
        </button>
        {/* A page without cookies could not sign in to another one. */}
        {tabs.includes('docs') && !usesBearerToken && (
          <a className="button" href={pathOfTab.docs} target="_blank" rel="noopener">
            {t('try')}
          </a>
        )}
        <button type="button" className="button primary" onClick={onDone}>
          {t('done')}
        </button>
      </div>
    </>
  );
}
