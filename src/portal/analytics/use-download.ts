import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { GetVerificationsRequest } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { csvOf } from './queries.ts';

/** After so long, in ms, every browser has read what it was told to download; some begin only after the click. */
const readAfterMs = 10_000;

/** Hands a text to the browser as a file. */
function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), readAfterMs);
}

/** Downloads usage as CSV. The caller shows why it failed. */
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
