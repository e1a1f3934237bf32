import { useTranslations } from 'use-intl';
import { Field } from '../parts/field.tsx';
import { useKeyNames } from './key-names.ts';
import type { KnownKey } from './queries.ts';

/** All keys, or one. */
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
  const isKnown = keys.some(({ keyId }) => keyId === value);
  return (
    <Field label={t('key')}>
      <select className="input" value={value ?? ''} onChange={({ target }) => onChange(target.value || undefined)}>
        <option value="">{t('allKeys')}</option>
        {keys.map((key) => (
          <option key={key.keyId} value={key.keyId}>
            {names.full(key)}
          </option>
        ))}
        {/* Deleted while it was looked at. */}
        {value !== undefined && !isKnown && (
          <option value={value}>{t('keyInFull', { name: t('deletedKey'), mark: value })}</option>
        )}
      </select>
    </Field>
  );
}
