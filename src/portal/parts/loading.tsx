import { useTranslations } from 'use-intl';

/** How many rows stand for those of a list. The server writes as many into its pages, in portal-shell.ts. */
const rows = ['head', 1, 2, 3, 4, 5, 6] as const;

/**
 * Rows without content where a list is about to appear, and a text for screen readers.
 *
 * @param title the heading, if a whole page is loading
 * @param text the text below it
 * @param hasBar whether there will be controls above the list
 */
export function Loading({ title, text, hasBar }: { title?: string; text?: string; hasBar?: boolean }) {
  const t = useTranslations('common');
  return (
    <>
      {title !== undefined && (
        <div>
          <h1>{title}</h1>
          {text !== undefined && <p className="muted">{text}</p>}
        </div>
      )}
      <p className="visually-hidden" role="status">
        {t('loading')}
      </p>
      {hasBar && <div className="skeleton-bar" aria-hidden="true" />}
      <div className="skeleton-rows" aria-hidden="true">
        {rows.map((row) => (
          <div key={row} />
        ))}
      </div>
    </>
  );
}
