import type { ReactNode } from 'react';

/** The parts of JSON that are told apart by colour: a name, a text, or anything else that stands for itself. */
const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;
/** More than so many characters are not looked through for them. */
const mostColoured = 100_000;

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
 * Takes the place of Swagger UI's highlighter, whose colours cannot be read well enough, whose styles stand in the markup,
 * and which cannot be reached by keyboard to be scrolled.
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
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <pre className={`${className} microlight`} tabIndex={0}>
      <code>{language === 'json' && text.length <= mostColoured ? coloured(text) : text}</code>
    </pre>
  );
}
