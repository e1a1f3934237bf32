import '../common.ts';
import type { QueryClient } from '@tanstack/react-query';
import { startTransition, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { VisibleApi } from '../../../generated/client/types.gen.ts';
import { Failure } from '../parts/failure.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loading } from '../parts/loading.tsx';
import { apisWith, useApis } from '../server/session.ts';
import { KeyDialog, type KeyDialogStart } from './key-dialog.tsx';
import { KeyList } from './key-list.tsx';
import { queryIn } from './key-query.ts';
import { Limits } from './limits.tsx';
import { useEnable } from './use-key-actions.ts';
import { keysQuery, useKeysChanged } from './use-keys.ts';

/** The content of the tab, once the APIs are known. */
function Keys({ apis }: { apis: VisibleApi[] }) {
  const t = useTranslations('keys');
  const keysChanged = useKeysChanged();
  const [dialog, setDialog] = useState<KeyDialogStart | undefined>();
  const changed = () => void keysChanged();
  const enabling = useEnable(changed);
  const creatable = apisWith(apis, 'create_key');
  // A slow device draws the pressed button first, and then the dialog.
  const open = (start: KeyDialogStart) => startTransition(() => setDialog(start));
  const create = creatable.length === 0 ? undefined : () => open('create');
  return (
    <>
      <div className="title-row">
        <div>
          <h1>{t('title')}</h1>
          <p className="muted">{t('intro')}</p>
        </div>
        {create !== undefined && (
          <button type="button" className="button primary" aria-haspopup="dialog" onClick={create}>
            <Icon name="plus" />
            {t('create')}
          </button>
        )}
      </div>
      <Limits apis={apis} />
      {enabling.error !== null && <Failure error={enabling.error} />}
      <KeyList
        apis={apisWith(apis, 'read_key')}
        hasApis={apis.length > 0}
        onCreate={create}
        onOpen={(key, step) => open({ key, step })}
        onEnable={enabling.mutate}
      />
      {dialog !== undefined && (
        <KeyDialog
          start={dialog}
          creatable={creatable}
          apiOf={({ apiId }) => apis.find((api) => api.apiId === apiId)}
          onChanged={changed}
          onClose={() => setDialog(undefined)}
        />
      )}
    </>
  );
}

/** Requests the first page that the tab shows, before it is shown. */
export const prefetch = (queryClient: QueryClient): void =>
  void queryClient.prefetchQuery(keysQuery(queryIn(location.search)));

/** The API keys tab. */
export default function KeysTab() {
  const t = useTranslations('keys');
  const { data: apis, error, refetch } = useApis();
  if (apis !== undefined) return <Keys apis={apis} />;
  if (error === null) return <Loading title={t('title')} text={t('intro')} hasBar />;
  return (
    <>
      <h1>{t('title')}</h1>
      <Failure error={error} onRetry={() => void refetch()} />
    </>
  );
}
