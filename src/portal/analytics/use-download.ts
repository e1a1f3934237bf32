import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { GetVerificationsRequest } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { csvOf } from './queries.ts';

/** When to release the download URL, in ms. Some browsers start reading only after the click. */
const revokeAfterMs = 10_000;

/** Downloads a text as a file. */
function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), revokeAfterMs);
}

/** Downloads usage as CSV. The caller shows errors. */
export function useDownload(request: GetVerificationsRequest, fileName: string) {
  const t = useTranslations('analytics');
  const announce = useAnnounce();
  return useMutation({
    mutationFn: () => csvOf(request),
    onSuccess: (csv) => {
      save(csv, fileName);
      announce(t('downloaded'));
    },
  });
}
