import { useMutation } from '@tanstack/react-query';
import { hoursToMilliseconds, minutesToMilliseconds } from 'date-fns';
import { useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { ApiKey, NewKey } from '../../../generated/client/types.gen.ts';
import { Failure } from '../parts/failure.tsx';
import { Choices } from '../parts/field.tsx';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';

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
  onRerolled,
  onCancel,
}: {
  of: ApiKey;
  onRerolled: (key: NewKey) => void;
  onCancel: () => void;
}) {
  const t = useTranslations('keys.reroll');
  const cancel = useTranslations('common')('cancel');
  const format = useFormatter();
  const [overlap, setOverlap] = useState<Overlap>('24h');
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => portal.rerollKey({ keyId: key.keyId, expiration: overlaps[overlap] }),
    onSuccess: onRerolled,
    gcTime: 0,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Choices
        legend={t('overlap')}
        value={overlap}
        options={(Object.keys(overlaps) as Overlap[]).map((value) => ({ value, label: t(`overlaps.${value}`) }))}
        onChange={setOverlap}
      />
      {key.expires !== undefined && key.expires < now() + overlaps[overlap] && (
        <p className="muted">
          {t('soonest', {
            date: format.dateTime(new Date(key.expires), { dateStyle: 'medium', timeStyle: 'short' }),
          })}
        </p>
      )}
      {error !== null && <Failure error={error} />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {cancel}
        </button>
        <button type="submit" className="button primary" disabled={isPending}>
          {t('submit')}
        </button>
      </div>
    </form>
  );
}
