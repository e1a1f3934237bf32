import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import type { ApiKey, ListedKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { pathOfTab } from '../frame/tabs.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { useSession } from '../server/session.ts';
import { labelOf } from './key-name.ts';
import { statusOf } from './key-status.ts';

/** What the user may do with a key. */
export function useMayDo(): (
  key: ListedKey,
  api: VisibleApi | undefined,
) => {
  seeUsage: boolean;
  update: boolean;
  rotate: boolean;
  delete: boolean;
} {
  const { tabs } = useSession();
  return (key, api) => {
    // Only the company can change a managed key.
    const may = key.managed ? [] : (api?.actions ?? []);
    return {
      seeUsage: key.usage !== undefined && tabs.includes('analytics'),
      update: may.includes('update_key'),
      rotate:
        may.includes('create_key') &&
        key.replacedBy === undefined &&
        statusOf(key, api?.policy, new Date(now())) !== 'expired',
      delete: may.includes('delete_key'),
    };
  };
}

/** Shows the usage of a key in the tab of analytics. */
export function useShowUsage(): (key: Pick<ApiKey, 'keyId'>) => void {
  const [, navigate] = useLocation();
  return ({ keyId }) => navigate(`${pathOfTab.analytics}?key=${keyId}`);
}

/** Enables or disables a key, and offers to undo it. The caller shows errors. */
export function useEnable(onChanged: (key: ApiKey) => void) {
  const t = useTranslations('keys');
  const announce = useAnnounce();
  return useMutation({
    mutationFn: ({ keyId, enabled }: Pick<ApiKey, 'keyId' | 'enabled'>) => portal.updateKey({ keyId, enabled }),
    onSuccess: async (changed) => {
      const { keyId, enabled } = changed;
      announce(t(enabled ? 'enable.done' : 'disable.done', { name: labelOf(changed) }), {
        label: t('undo'),
        onAct: () => {
          portal.updateKey({ keyId, enabled: !enabled }).then(
            (back) => {
              announce(t(back.enabled ? 'enable.done' : 'disable.done', { name: labelOf(back) }));
              onChanged(back);
            },
            () => announce(t('undoFailed')),
          );
        },
      });
      onChanged(changed);
    },
  });
}
