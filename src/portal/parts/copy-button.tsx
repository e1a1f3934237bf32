import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useAnnounce } from './announcer.tsx';

/**
 * Copies a text. If the browser refuses, in a frame or without https, it selects the text instead and shows the keys to
 * press.
 *
 * @param select selects the text in the page
 */
export function CopyButton({
  text,
  label,
  select,
  onCopied,
}: {
  text: string;
  label: string;
  select: () => void;
  onCopied?: () => void;
}) {
  const t = useTranslations('common');
  const announce = useAnnounce();
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      announce(t('copied'));
      onCopied?.();
    } catch {
      select();
      announce(t('copyFailed'));
    }
  }
  return (
    <button type="button" className="button primary" onClick={() => void copy()}>
      {copied ? t('copied') : label}
    </button>
  );
}
