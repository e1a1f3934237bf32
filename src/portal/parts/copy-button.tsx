import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useAnnounce } from './announcer.tsx';
import { Icon } from './icon.tsx';

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
  look = 'primary',
  select,
  onCopied,
}: {
  text: string;
  label: string;
  /** A button with the label, or only its icon. */
  look?: 'primary' | 'usual' | 'icon';
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
  // What this button has announced is about a text that is gone with it.
  const takeBack = useRef(() => {});
  useEffect(() => () => takeBack.current(), []);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      takeBack.current = announce(t('copied'));
      onCopied?.();
    } catch {
      select();
      takeBack.current = announce(t('copyFailed'));
    }
  }
  const icon = <Icon name={copied ? 'check' : 'copy'} />;
  const shown = copied ? t('copied') : label;
  if (look === 'icon') {
    return (
      <button type="button" className="icon-button" aria-label={shown} title={shown} onClick={() => void copy()}>
        {icon}
      </button>
    );
  }
  return (
    <button type="button" className={look === 'primary' ? 'button primary' : 'button'} onClick={() => void copy()}>
      {icon}
      {shown}
    </button>
  );
}
