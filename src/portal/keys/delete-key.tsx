import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ApiKey } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useFirstFocus } from '../parts/first-focus.ts';
import { portal } from '../server/client.ts';
import { hasCode } from '../server/failures.ts';
import { labelOf } from './key-name.ts';
import { isTyped } from './name-text.ts';

/** Deletes a key after the user has typed its name. A key that no longer exists counts as deleted. */
export function DeleteKey({
  of: key,
  onDeleted,
  onCancel,
}: {
  of: ApiKey;
  onDeleted: () => void;
  onCancel: () => void;
}) {
  const t = useTranslations('keys.delete');
  const cancel = useTranslations('common')('cancel');
  const announce = useAnnounce();
  const first = useFirstFocus<HTMLInputElement>();
  const [typed, setTyped] = useState('');
  const name = labelOf(key);
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
        if (isTyped(typed, name)) mutate();
      }}
    >
      <Field label={t('confirm', { name })}>
        <input
          ref={first}
          className="input"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Field>
      {error !== null && <Failure error={error} />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {cancel}
        </button>
        <button type="submit" className="button danger" disabled={isPending || !isTyped(typed, name)}>
          {t('submit')}
        </button>
      </div>
    </form>
  );
}
