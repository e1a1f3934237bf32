import { useTranslations } from 'use-intl';
import type { ApiKey } from '../../../generated/client/types.gen.ts';

/** Returns the name of a key, or its first characters if it has no name. */
export const labelOf = ({ name, start }: Pick<ApiKey, 'name' | 'start'>): string => name ?? start;

/** Returns the name of a key, or a text for a key without a name. */
export function useNameOf(): (key: Pick<ApiKey, 'name'>) => string {
  const t = useTranslations('keys');
  return ({ name }) => name ?? t('unnamed');
}
