import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ApiKey } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useFirstFocus } from '../parts/first-focus.ts';
import { portal } from '../server/client.ts';
import { labelOf } from './key-name.ts';
import { limited } from './name-text.ts';

/** Changes or removes the name of a key. */
export function RenameKey({
  of: key,
  onRenamed,
  onCancel,
}: {
  of: ApiKey;
  onRenamed: (key: ApiKey) => void;
  onCancel: () => void;
}) {
  const t = useTranslations('keys');
  const common = useTranslations('common');
  const announce = useAnnounce();
  const first = useFirstFocus<HTMLInputElement>();
  const [name, setName] = useState(key.name ?? '');
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => portal.updateKey({ keyId: key.keyId, name: name.trim() || null }),
    onSuccess: (renamed) => {
      announce(t('rename.done', { name: labelOf(renamed) }));
      onRenamed(renamed);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Field label={t('form.name')} hint={t('form.nameHint')}>
        <input
          ref={first}
          className="input"
          autoComplete="off"
          value={name}
          onChange={(event) => setName(limited(event.target.value))}
        />
      </Field>
      {error !== null && <Failure error={error} />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {common('cancel')}
        </button>
        <button type="submit" className="button primary" disabled={isPending}>
          {common('save')}
        </button>
      </div>
    </form>
  );
}
