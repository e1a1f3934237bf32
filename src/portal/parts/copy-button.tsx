import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useAnnounce } from './announcer.tsx';

/** How long the button says that the text was copied, in ms. */
const confirmedMs = 2000;

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
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), confirmedMs);
    return () => clearTimeout(timer);
  }, [copied]);
  // What was announced is about a text that is gone with the button.
  useEffect(() => () => announce(''), [announce]);
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
