import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';

/** The tokens of JSON with their own colour: a name, a string, or another literal. */
const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;
/** Longer texts, in characters, are not highlighted. */
const maxColoured = 20_000;
/** How long a button says that the text was copied, in ms. */
const confirmedMs = 2000;

function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(token)) {
    const [whole, quoted, colon] = match;
    const part = quoted ?? whole;
    const kind = quoted === undefined ? 'literal' : colon === undefined ? 'text' : 'name';
    parts.push(
      text.slice(at, match.index),
      <span key={match.index} className={`json-${kind}`}>
        {part}
      </span>,
    );
    at = match.index + part.length;
  }
  return [...parts, text.slice(at)];
}

/** Copies a text. If the browser refuses, the user does it: the text is selected. */
export function Copy({ text, label, select }: { text: () => string; label: string; select: () => void }) {
  const t = useTranslations('viewer');
  const [state, setState] = useState<'copied' | 'refused'>();
  useEffect(() => {
    if (state === undefined) return;
    const timer = setTimeout(() => setState(undefined), confirmedMs);
    return () => clearTimeout(timer);
  }, [state]);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text());
      setState('copied');
    } catch {
      select();
      setState('refused');
    }
  }
  return (
    <button type="button" className="viewer-copy" onClick={() => void copy()}>
      <span aria-live="polite">{state === undefined ? label : t(state === 'copied' ? 'copied' : 'copyByHand')}</span>
    </button>
  );
}

/** Code that the keyboard can scroll, with what belongs to it above. */
export function Code({
  text,
  isJson,
  title,
  children,
}: {
  text: string;
  isJson: boolean;
  title: ReactNode;
  children?: (select: () => void) => ReactNode;
}) {
  const code = useRef<HTMLElement>(null);
  const select = () => {
    if (code.current !== null) getSelection()?.selectAllChildren(code.current);
  };
  return (
    <div className="viewer-code">
      <div className="viewer-code-title">
        {title}
        {children?.(select)}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must be able to scroll it */}
      <pre tabIndex={0}>
        <code ref={code}>{isJson && text.length <= maxColoured ? coloured(text) : text}</code>
      </pre>
    </div>
  );
}
