import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { VisibleApi } from '../../../generated/client/types.gen.ts';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { KeyFilters } from './key-filters.tsx';
import { type KeyActions, KeyTable } from './key-table.tsx';
import { type KeyFilter, pageSize, useKeys } from './use-keys.ts';

const everything: KeyFilter = { search: '', apiId: '', state: 'all', sort: 'newest' };

function NoKeys({ hasApis, onCreate }: { hasApis: boolean; onCreate: (() => void) | undefined }) {
  const t = useTranslations('keys');
  const text = onCreate !== undefined ? 'canCreate' : hasApis ? 'cannotCreate' : 'noApi';
  return (
    <div className="empty">
      <h2>{t('empty.title')}</h2>
      <p>{t(`empty.${text}`)}</p>
      {onCreate !== undefined && (
        <button type="button" className="button primary" aria-haspopup="dialog" onClick={onCreate}>
          {t('create')}
        </button>
      )}
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

/** The user's keys in the APIs that they may read, page by page, filtered and sorted. */
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
  const [filter, setFilter] = useState(everything);
  /** The start of each page after the first, up to this one. */
  const [cursors, setCursors] = useState<string[]>([]);
  const canRead = apis.length > 0;
  const query = { ...filter, cursor: cursors.at(-1) };
  const { page, error, isPlaceholderData, refetch } = useKeys(query, canRead);
  const status = useRef<HTMLParagraphElement>(null);
  /** The page that is shown, not one that is still loading. */
  const shown = isPlaceholderData ? undefined : cursors.length;
  // The button that had the focus is gone on the last page.
  useEffect(() => {
    if (shown !== undefined && shown > 0 && document.activeElement === document.body) status.current?.focus();
  }, [shown]);
  const narrow = (next: KeyFilter) => {
    setCursors([]);
    setFilter(next);
  };

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
  if (page === undefined) return <Loading />;

  // The last key of this page is gone, so the page before it is the last one.
  if (page.items.length === 0 && page.next === undefined && cursors.length > 0 && !isPlaceholderData) {
    setCursors(cursors.slice(0, -1));
    return <Loading />;
  }

  const from = cursors.length * pageSize + 1;
  const to = from + page.items.length - 1;
  // Of more keys than the server counts, the last page has a greater number.
  const position = t('range', { from, to, total: Math.max(page.counts?.[filter.state] ?? 0, to) });
  const isFiltered = filter.search !== '' || filter.apiId !== '' || filter.state !== 'all';
  const isEmpty = page.items.length === 0 && cursors.length === 0;
  if (isEmpty && !isFiltered) return <NoKeys hasApis={hasApis} onCreate={onCreate} />;
  return (
    <>
      <KeyFilters filter={filter} counts={page.counts} apis={apis} onChange={narrow} />
      {error !== null && <Failure error={error} onRetry={() => void refetch()} />}
      {isEmpty ? (
        <NoMatch text={filter.apiId === '' ? 'text' : 'textOfApi'} onClear={() => narrow(everything)} />
      ) : (
        <KeyTable
          keys={page.items}
          apis={apis}
          isBusy={isPlaceholderData}
          sort={filter.sort}
          onSort={(sort) => narrow({ ...filter, sort })}
          {...actions}
        />
      )}
      <div className="pages">
        <p ref={status} className="muted" role="status" tabIndex={-1}>
          {isPlaceholderData ? loading : !isEmpty && error === null && position}
        </p>
        {cursors.length > 0 && (
          <button type="button" className="button" onClick={() => setCursors(cursors.slice(0, -1))}>
            {t('previous')}
          </button>
        )}
        {page.next !== undefined && (
          <button
            type="button"
            className="button"
            disabled={isPlaceholderData}
            onClick={() => setCursors([...cursors, page.next ?? ''])}
          >
            {t('next')}
          </button>
        )}
      </div>
    </>
  );
}
