import { useTranslations } from 'use-intl';

/**
 * Says that something is on its way.
 *
 * @param title the heading of what is, where it is a whole page
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
