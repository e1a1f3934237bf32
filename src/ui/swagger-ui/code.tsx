import type { ReactNode } from 'react';

/** The tokens of JSON with their own colour: a name, a string, or another literal. */
const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;
/** Longer texts, in characters, are not highlighted. */
const maxChroma = 100_000;

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

/**
 * Replaces Swagger UI's highlighter: its contrast is too low, it uses inline styles, and the keyboard cannot scroll it.
 */
export function Code({
  className = '',
  children,
  language,
}: {
  className?: string;
  children?: unknown;
  language?: string;
}) {
  const text = String(children ?? '');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must be able to scroll it
    <pre className={`${className} microlight`} tabIndex={0}>
      <code>{language === 'json' && text.length <= maxChroma ? coloured(text) : text}</code>
    </pre>
  );
}
