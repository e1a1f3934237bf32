import { useTranslations } from 'use-intl';
import type { ApiKey } from '../../../generated/client/types.gen.ts';

/** What a key is called: by its name, or by how it begins where it has none. */
export const labelOf = ({ name, start }: Pick<ApiKey, 'name' | 'start'>): string => name ?? start;

/** What stands where the name would be. */
export function useNameOf(): (key: Pick<ApiKey, 'name'>) => string {
  const t = useTranslations('keys');
  return ({ name }) => name ?? t('unnamed');
}
