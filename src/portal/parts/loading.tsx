import { useTranslations } from 'use-intl';

/** Says that something is on its way. */
export function Loading() {
  const t = useTranslations('common');
  return (
    <p className="loading" role="status">
      {t('loading')}
    </p>
  );
}
