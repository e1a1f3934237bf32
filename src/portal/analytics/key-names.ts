import { useTranslations } from 'use-intl';
import type { KnownKey } from './queries.ts';

/** What keys are called here. */
export function useKeyNames() {
  const t = useTranslations();
  return {
    /** The name alone. One that is gone has lost it. */
    name: ({ name, isGone = false }: { name?: string | undefined; isGone?: boolean }): string =>
      isGone ? t('analytics.deletedKey') : (name ?? t('keys.unnamed')),

    /** The name, and what tells it from another key of the same name. */
    full: ({ keyId, name, start }: KnownKey): string =>
      t('analytics.keyInFull', {
        name: name ?? t('keys.unnamed'),
        mark: start === undefined ? keyId : `${start}…`,
      }),
  };
}
