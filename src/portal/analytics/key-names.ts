import { useTranslations } from 'use-intl';
import type { KnownKey } from './queries.ts';

/** Returns functions that name a key in the analytics tab. */
export function useKeyNames() {
  const t = useTranslations();
  return {
    /** The name only; a fixed text for a deleted key. */
    name: ({ name, isGone = false }: { name?: string | undefined; isGone?: boolean }): string =>
      isGone ? t('analytics.deletedKey') : (name ?? t('keys.unnamed')),

    /** The name, with a mark that distinguishes keys of the same name. */
    full: ({ keyId, name, start }: KnownKey): string =>
      t('analytics.keyInFull', {
        name: name ?? t('keys.unnamed'),
        mark: start === undefined ? keyId : `${start}…`,
      }),
  };
}
