import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { ListedKey } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useFirstFocus } from '../parts/first-focus.ts';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { hasCode } from '../server/failures.ts';
import { labelOf } from './key-name.ts';
import { isTyped } from './name-text.ts';

/** A key that was used within this time is in use, in ms. */
const inUseMs = 24 * 3_600_000;
/** How much a user types at most. */
const longestTyped = 40;

/**
 * Deletes a key. If it is in use, the user types its name before, or its first characters if the name is long. A key that no longer
 * exists counts as deleted.
 */
export function DeleteKey({
  of: key,
  onDeleted,
  onCancel,
}: {
  of: ListedKey;
  onDeleted: () => void;
  onCancel: () => void;
}) {
  const t = useTranslations('keys.delete');
  const cancel = useTranslations('common')('cancel');
  const announce = useAnnounce();
  const format = useFormatter();
  // The field has the focus, or else the safe button.
  const safe = useFirstFocus<HTMLButtonElement>();
  const first = useFirstFocus<HTMLInputElement>();
  const [typed, setTyped] = useState('');
  const name = labelOf(key);
  const { lastUsedAt = 0, usage } = key;
  const when = format.relativeTime(new Date(Math.min(lastUsedAt, now())), new Date(now()));
  const isInUse = lastUsedAt > now() - inUseMs;
  const wanted = name.length > longestTyped ? key.start : name;
  const isConfirmed = !isInUse || isTyped(typed, wanted);
  const { mutate, error, isPending } = useMutation({
    mutationFn: async () => {
      await portal.deleteKey({ keyId: key.keyId }).catch((failed: unknown) => {
        if (!hasCode(failed, 'key_not_found')) throw failed;
      });
    },
    onSuccess: () => {
      announce(t('done', { name }));
      onDeleted();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isConfirmed) mutate();
      }}
    >
      {isInUse && (
        <p className="warning">
          {usage === undefined ? t('inUseUncounted', { when }) : t('inUse', { when, calls: usage.total })}
        </p>
      )}
      {isInUse && (
        <Field label={t('confirm', { name: wanted })}>
          <input
            ref={first}
            className="input"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </Field>
      )}
      {error !== null && <Failure error={error} />}
      <div className="dialog-actions">
        <button ref={safe} type="button" className="button" onClick={onCancel}>
          {cancel}
        </button>
        <button type="submit" className="button danger" disabled={isPending || !isConfirmed}>
          {t('submit')}
        </button>
      </div>
    </form>
  );
}
