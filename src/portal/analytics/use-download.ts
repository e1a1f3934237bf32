import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { GetVerificationsRequest } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { saveFile } from '../parts/save-file.ts';
import { csvOf } from './queries.ts';

/** Downloads usage as CSV. The caller shows errors. */
export function useDownload(request: GetVerificationsRequest, fileName: string) {
  const t = useTranslations('analytics');
  const announce = useAnnounce();
  return useMutation({
    mutationFn: () => csvOf(request),
    onSuccess: (csv) => {
      saveFile(csv, fileName, 'text/csv');
      announce(t('downloaded'));
    },
  });
}
