import { useEffect, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { KeyCounts, VisibleApi } from '../../../generated/client/types.gen.ts';
import { Segments } from '../parts/field.tsx';
import { Icon } from '../parts/icon.tsx';
import { type KeyFilter, sorts, states } from './key-query.ts';
import { limited } from './name-text.ts';

/** Delay between the last keystroke and the search, in ms. */
const searchDelayMs = 250;

/** Filters the list by text and by state, and by API if the portal has several. On a phone, it also sorts. */
export function KeyFilters({
  filter,
  counts,
  apis,
  onChange,
}: {
  filter: KeyFilter;
  counts: KeyCounts | undefined;
  apis: VisibleApi[];
  onChange: (filter: KeyFilter) => void;
}) {
  const t = useTranslations('keys');
  const format = useFormatter();
  const [typed, setTyped] = useState(filter.search);
  useEffect(() => setTyped(filter.search), [filter.search]);
  useEffect(() => {
    if (typed.trim() === filter.search) return;
    const timer = setTimeout(() => onChange({ ...filter, search: typed.trim() }), searchDelayMs);
    return () => clearTimeout(timer);
  }, [typed, filter, onChange]);
  return (
    <search className="filters">
      <div className="search">
        <Icon name="search" />
        <input
          className="input"
          type="search"
          aria-label={t('search')}
          placeholder={t('search')}
          value={typed}
          onChange={(event) => setTyped(limited(event.target.value))}
        />
      </div>
      <Segments
        legend={t('columns.status')}
        value={filter.state}
        options={states.map((value) => ({
          ...{ value, label: t(`states.${value}`) },
          count: counts && format.number(counts[value]),
        }))}
        onChange={(state) => onChange({ ...filter, state })}
      />
      {/* A phone has no column headings to sort by. */}
      <select
        className="input sort-choice"
        aria-label={t('sort.label')}
        value={filter.sort}
        onChange={(event) =>
          onChange({ ...filter, sort: sorts.find((sort) => sort === event.target.value) ?? filter.sort })
        }
      >
        {sorts.map((sort) => (
          <option key={sort} value={sort}>
            {sort === 'newest' ? t('sort.newest') : t(`columns.${sort}`)}
          </option>
        ))}
      </select>
      {apis.length > 1 && (
        <select
          className="input"
          aria-label={t('api')}
          value={filter.apiId}
          onChange={(event) => onChange({ ...filter, apiId: event.target.value })}
        >
          <option value="">{t('allApis')}</option>
          {apis.map((api) => (
            <option key={api.apiId} value={api.apiId}>
              {api.name}
            </option>
          ))}
        </select>
      )}
    </search>
  );
}
