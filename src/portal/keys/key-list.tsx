import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { VisibleApi } from '../../../generated/client/types.gen.ts';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { now } from '../server/clock.ts';
import { EndingKey } from './ending-key.tsx';
import { waitsForFirstCall } from './first-call.ts';
import { FirstRun } from './first-run.tsx';
import { KeyFilters } from './key-filters.tsx';
import { everything, type KeyFilter } from './key-query.ts';
import { type KeyActions, KeyTable } from './key-table.tsx';
import { useKeyQuery } from './use-key-query.ts';
import { pageSize, useKeys } from './use-keys.ts';

function NoKeys({ hasApis, onCreate }: { hasApis: boolean; onCreate: (() => void) | undefined }) {
  const t = useTranslations('keys');
  if (onCreate !== undefined) return <FirstRun step="create" onCreate={onCreate} />;
  return (
    <div className="empty">
      <h2>{t('empty.title')}</h2>
      <p>{t(`empty.${hasApis ? 'cannotCreate' : 'noApi'}`)}</p>
    </div>
  );
}

function NoMatch({ text, onClear }: { text: 'text' | 'textOfApi'; onClear: () => void }) {
  const t = useTranslations('keys.noMatch');
  return (
    <div className="empty" role="status">
      <h2>{t('title')}</h2>
      <p>{t(text)}</p>
      <button type="button" className="button" onClick={onClear}>
        {t('clear')}
      </button>
    </div>
  );
}

/** The user's keys in the APIs that they may read, page by page, filtered and sorted, as the address of the page says. */
export function KeyList({
  apis,
  hasApis,
  onCreate,
  ...actions
}: {
  /** The APIs whose keys the user may read. */
  apis: VisibleApi[];
  /** Whether the user has any permission in any API. */
  hasApis: boolean;
  onCreate: (() => void) | undefined;
} & KeyActions) {
  const t = useTranslations('keys');
  const loading = useTranslations('common')('loading');
  const [query, change] = useKeyQuery();
  const canRead = apis.length > 0;
  const { page, error, isPlaceholderData, refetch } = useKeys(query, canRead);
  const status = useRef<HTMLParagraphElement>(null);
  const isWaiting = !isPlaceholderData && waitsForFirstCall(query, page, now());
  /** Whether this page has shown that it waits for the first call. */
  const [hasWaited, setWaited] = useState(false);
  if (isWaiting && !hasWaited) setWaited(true);
  /** The page that is shown, not one that is still loading. */
  const shown = isPlaceholderData ? undefined : query.page;
  const seen = useRef(shown);
  // The button that had the focus is gone on the last page.
  useEffect(() => {
    if (shown === undefined || shown === seen.current) return;
    if (shown > 1 && document.activeElement === document.body) status.current?.focus();
    seen.current = shown;
  }, [shown]);
  const lastPage = isPlaceholderData ? undefined : page?.lastPage;
  useEffect(() => {
    if (lastPage !== undefined) change({ page: lastPage });
  }, [lastPage, change]);
  const narrow = (next: KeyFilter) => change({ ...next, page: 1 });

  if (!canRead) {
    if (!hasApis || onCreate === undefined) return <NoKeys hasApis={hasApis} onCreate={onCreate} />;
    return (
      <div className="empty">
        <h2>{t('cannotRead.title')}</h2>
        <p>{t('cannotRead.text')}</p>
      </div>
    );
  }
  if (error !== null && page === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (page === undefined || lastPage !== undefined) return <Loading hasBar />;

  const from = (query.page - 1) * pageSize + 1;
  const to = from + page.items.length - 1;
  // Of more keys than the server counts, the last page has a greater number.
  const position = t('range', { from, to, total: Math.max(page.counts?.[query.state] ?? 0, to) });
  const isFiltered = query.search !== '' || query.apiId !== '' || query.state !== 'all';
  const isEmpty = page.items.length === 0 && query.page === 1;
  if (isEmpty && !isFiltered) return <NoKeys hasApis={hasApis} onCreate={onCreate} />;
  const isFirstRun = isWaiting || (hasWaited && page.items.length > 0 && !isFiltered);
  return (
    <>
      {isFirstRun && <FirstRun step={isWaiting ? 'call' : 'done'} onDone={() => setWaited(false)} />}
      <EndingKey keys={page.items} apis={apis} onOpen={actions.onOpen} />
      <KeyFilters filter={query} counts={page.counts} apis={apis} onChange={narrow} />
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {isEmpty ? (
        <NoMatch text={query.apiId === '' ? 'text' : 'textOfApi'} onClear={() => change(everything)} />
      ) : (
        <KeyTable
          keys={page.items}
          apis={apis}
          isBusy={isPlaceholderData}
          sort={query.sort}
          onSort={(sort) => narrow({ ...query, sort })}
          {...actions}
        />
      )}
      <div className="pages">
        <p ref={status} className="muted" role="status" tabIndex={-1}>
          {isPlaceholderData ? loading : !isEmpty && error === null && position}
        </p>
        {query.page > 1 && (
          <button type="button" className="button" onClick={() => change({ page: query.page - 1 }, 'push')}>
            {t('previous')}
          </button>
        )}
        {page.next !== undefined && (
          <button
            type="button"
            className="button"
            disabled={isPlaceholderData}
            onClick={() => change({ page: query.page + 1 }, 'push')}
          >
            {t('next')}
          </button>
        )}
      </div>
    </>
  );
}
