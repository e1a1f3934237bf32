import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';

/** A scope that a key can have. */
export interface OfferedScope {
  scope: string;
  description?: string | undefined;
}

/** From so many scopes on, there is a search. */
const searchFrom = 9;

/** Checkboxes for the scopes of a key: those that the API has, and those that the key still has and the API no longer. */
export function ScopeChoices({
  offered,
  gone,
  chosen,
  onChange,
}: {
  offered: readonly OfferedScope[];
  gone: readonly string[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}) {
  const t = useTranslations('keys.form');
  const id = useId();
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const all = [...gone.map((scope) => ({ scope, description: undefined })), ...offered];
  const shown = all.filter(({ scope, description = '' }) => `${scope} ${description}`.toLowerCase().includes(wanted));
  const set = (scopes: readonly OfferedScope[], isChosen: boolean) => {
    const next = new Set(chosen);
    for (const { scope } of scopes) isChosen ? next.add(scope) : next.delete(scope);
    onChange(next);
  };
  return (
    <fieldset className="field scopes" aria-describedby={`${id}-hint`}>
      <legend>{t('scopes')}</legend>
      <p id={`${id}-hint`} className="hint">
        {t('scopesHint')}
      </p>
      {all.length >= searchFrom && (
        <input
          className="input"
          type="search"
          aria-label={t('searchScopes')}
          placeholder={t('searchScopes')}
          value={search}
          // A search sends no form.
          onKeyDown={(event) => event.key === 'Enter' && !(event.ctrlKey || event.metaKey) && event.preventDefault()}
          onChange={(event) => setSearch(event.target.value)}
        />
      )}
      <ul className="scope-list">
        {shown.map(({ scope, description }) => (
          <li key={scope}>
            <label className="check">
              <input
                type="checkbox"
                checked={chosen.has(scope)}
                onChange={(event) => set([{ scope }], event.target.checked)}
              />
              <span>
                <code>{scope}</code>
                {gone.includes(scope) && <span className="badge">{t('gone')}</span>}
                {description !== undefined && <bdi className="hint">{description}</bdi>}
              </span>
            </label>
          </li>
        ))}
        {shown.length === 0 && <li className="hint">{t('noScope')}</li>}
      </ul>
      <div className="scope-actions">
        <span className="hint" role="status">
          {t('chosen', { chosen: chosen.size, count: all.length })}
        </span>
        <button type="button" className="button plain" onClick={() => set(shown, true)}>
          {t('all')}
        </button>
        <button type="button" className="button plain" onClick={() => set(shown, false)}>
          {t('none')}
        </button>
      </div>
    </fieldset>
  );
}
