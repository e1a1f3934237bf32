import { useTranslations } from 'use-intl';

/**
 * A loading indicator.
 *
 * @param title the heading, if a whole page is loading
 */
export function Loading({ title }: { title?: string }) {
  const t = useTranslations('common');
  return (
    <>
      {title !== undefined && <h1>{title}</h1>}
      <p className="loading" role="status">
        {t('loading')}
      </p>
    </>
  );
}
