import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { VisibleApi } from '../../../generated/client/types.gen.ts';
import { Field } from '../parts/field.tsx';
import { limited } from './name-text.ts';

/** Delay between the last keystroke and the search, in ms. */
const searchDelayMs = 250;

/** The filter of the list. */
export interface KeyFilter {
  search: string;
  /** Empty for all. */
  apiId: string;
}

/** Filters the list by name, and by API if the portal has several. */
export function KeyFilters({
  filter,
  apis,
  onChange,
}: {
  filter: KeyFilter;
  apis: VisibleApi[];
  onChange: (filter: KeyFilter) => void;
}) {
  const t = useTranslations('keys');
  const [typed, setTyped] = useState(filter.search);
  useEffect(() => setTyped(filter.search), [filter.search]);
  useEffect(() => {
    if (typed.trim() === filter.search) return;
    const timer = setTimeout(() => onChange({ ...filter, search: typed.trim() }), searchDelayMs);
    return () => clearTimeout(timer);
  }, [typed, filter, onChange]);
  return (
    <search className="filters">
      <Field label={t('search')}>
        <input
          className="input"
          type="search"
          value={typed}
          onChange={(event) => setTyped(limited(event.target.value))}
        />
      </Field>
      {apis.length > 1 && (
        <Field label={t('api')}>
          <select
            className="input"
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
        </Field>
      )}
    </search>
  );
}
