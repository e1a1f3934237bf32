import { useTranslations } from 'use-intl';
import type { KnownKey } from './queries.ts';

/** Returns functions that name a key in the analytics tab. */
export function useKeyNames() {
  const t = useTranslations();
  return {
    /** The name only. */
    name: ({ name }: { name?: string | undefined }): string => name ?? t('keys.unnamed'),

    /** The name, with a mark that distinguishes keys of the same name. */
    full: ({ keyId, name, start }: KnownKey): string =>
      t('analytics.keyInFull', {
        name: name ?? t('keys.unnamed'),
        mark: start === undefined ? keyId : `${start}…`,
      }),
  };
}
