import { htmlOf } from './markdown-html.ts';

/** Replaces Swagger UI's own Markdown component. */
export function Markdown({ source, className = '' }: { source?: string; className?: string }) {
  if (!source) return null;
  return (
    <div
      className={`renderedMarkdown markdown ${className}`}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: it contains no HTML of the document
      dangerouslySetInnerHTML={{ __html: htmlOf(String(source)) }}
    />
  );
}
