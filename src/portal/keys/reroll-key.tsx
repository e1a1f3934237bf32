import { hoursToMilliseconds, minutesToMilliseconds } from 'date-fns';
import { useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { ListedKey, NewKey, Policy, RerollKeyRequest } from '../../../generated/client/types.gen.ts';
import { Failure } from '../parts/failure.tsx';
import { Choices } from '../parts/field.tsx';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { endOf } from './key-rules.ts';
import { Status } from './status.tsx';
import { useNewKey } from './use-new-key.ts';

/** The choices for how long the old key still works, in ms, in their order in the list. */
const overlaps = {
  '0': 0,
  '15m': minutesToMilliseconds(15),
  '1h': hoursToMilliseconds(1),
  '24h': hoursToMilliseconds(24),
  '7d': hoursToMilliseconds(7 * 24),
} as const;
type Overlap = keyof typeof overlaps;

/** Replaces a key with a new one. The old key still works for the chosen time. */
export function RerollKey({
  of: key,
  policy,
  onRerolled,
  onCancel,
}: {
  of: ListedKey;
  /** The policy of the key's API. */
  policy: Policy | undefined;
  /** Called with the new key, and when the old one ends, in Unix ms. */
  onRerolled: (key: NewKey, end: number) => void;
  onCancel: () => void;
}) {
  const t = useTranslations('keys.reroll');
  const cancel = useTranslations('common')('cancel');
  const format = useFormatter();
  const [overlap, setOverlap] = useState<Overlap>('24h');
  const uncertain = useTranslations('keys')('uncertain');
  const active = useTranslations('keys.status')('active');
  const endIn = (ms: number) => Math.min(endOf(key, policy) ?? Number.POSITIVE_INFINITY, now() + ms);
  const { submit, error, isPending, isUncertain, submitButton } = useNewKey<RerollKeyRequest>(
    (body, options) => portal.rerollKey(body, options),
    (created) => onRerolled(created, endIn(overlaps[overlap])),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit(() => ({ keyId: key.keyId, expiration: overlaps[overlap] }));
      }}
    >
      <fieldset className="fields" disabled={isUncertain}>
        <Choices
          legend={t('overlap')}
          value={overlap}
          options={(Object.keys(overlaps) as Overlap[]).map((value) => ({ value, label: t(`overlaps.${value}`) }))}
          onChange={setOverlap}
        />
      </fieldset>
      <dl className="rotation">
        <dt>
          {t('oldKey')} <code className="start">{key.start}</code>
        </dt>
        <dd>
          <Status of={{ ...key, expires: endIn(overlaps[overlap]), replacedBy: key.keyId }} policy={policy} />
        </dd>
        <dt>{t('newKey')}</dt>
        <dd>
          <span className="status active">{active}</span>
        </dd>
      </dl>
      {key.expires !== undefined && key.expires < now() + overlaps[overlap] && (
        <p className="muted">
          {t('soonest', {
            date: format.dateTime(new Date(key.expires), { dateStyle: 'medium', timeStyle: 'short' }),
          })}
        </p>
      )}
      {error !== null && <Failure error={error} />}
      {isUncertain && <p>{uncertain}</p>}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {cancel}
        </button>
        <button ref={submitButton} type="submit" className="button primary" disabled={isPending}>
          {t('submit')}
        </button>
      </div>
    </form>
  );
}
