import { useLocale, useTranslations } from 'use-intl';
import { useKeyNames } from './key-names.ts';
import type { KnownKey } from './queries.ts';

/** Selects all keys or one key. */
export function KeyFilter({
  keys,
  value,
  onChange,
}: {
  keys: readonly KnownKey[];
  value: string | undefined;
  onChange: (keyId: string | undefined) => void;
}) {
  const t = useTranslations('analytics');
  const names = useKeyNames();
  const { compare } = new Intl.Collator(useLocale(), { numeric: true });
  const options = keys
    .map((key) => ({ keyId: key.keyId, label: names.full(key) }))
    .sort((a, b) => compare(a.label, b.label));
  const isKnown = keys.some(({ keyId }) => keyId === value);
  return (
    <select
      className="input"
      aria-label={t('key')}
      value={value ?? ''}
      onChange={({ target }) => onChange(target.value || undefined)}
    >
      <option value="">{t('allKeys')}</option>
      {options.map(({ keyId, label }) => (
        <option key={keyId} value={keyId}>
          {label}
        </option>
      ))}
      {/* The selected key was deleted. */}
      {value !== undefined && !isKnown && (
        <option value={value}>{t('keyInFull', { name: t('deletedKey'), mark: value })}</option>
      )}
    </select>
  );
}
