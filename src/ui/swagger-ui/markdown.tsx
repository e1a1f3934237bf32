import { htmlOf } from './markdown-html.ts';

/** Takes the place of Swagger UI's own. */
export function Markdown({ source, className = '' }: { source?: string; className?: string }) {
  if (!source) return null;
  return (
    <div
      className={`renderedMarkdown markdown ${className}`}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: no HTML of the document is in it
      dangerouslySetInnerHTML={{ __html: htmlOf(String(source)) }}
    />
  );
}
