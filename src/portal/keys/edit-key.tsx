import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ApiKey, UpdateKeyRequest, VisibleApi } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useFirstFocus } from '../parts/first-focus.ts';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { placesOf } from '../server/failures.ts';
import { KeySettings } from './key-fields.tsx';
import { changeOf, fieldsOf, type KeyFields, settingsOf, type Wrong, wrongAt } from './key-form.ts';
import { labelOf } from './key-name.ts';
import { limited } from './name-text.ts';
import { submitShortcut } from './submit-shortcut.ts';

/** Changes the settings of a key: those that the user has edited, and no other. */
export function EditKey({
  of: key,
  api,
  onSaved,
  onDirty,
  onCancel,
}: {
  of: ApiKey;
  api: VisibleApi;
  onSaved: (key: ApiKey) => void;
  /** Called when the user changes a field. */
  onDirty: () => void;
  onCancel: () => void;
}) {
  const t = useTranslations('keys');
  const common = useTranslations('common');
  const announce = useAnnounce();
  const first = useFirstFocus<HTMLInputElement>();
  const [fields, setFields] = useState(() => fieldsOf(key));
  const [wrong, setWrong] = useState<Wrong>({});
  const change = (changed: Partial<KeyFields>) => setFields((before) => ({ ...before, ...changed }));
  const { mutate, error, isPending } = useMutation({
    mutationFn: (body: UpdateKeyRequest) => portal.updateKey(body),
    onSuccess: (saved) => {
      announce(t('edit.done', { name: labelOf(saved) }));
      onSaved(saved);
    },
    onError: (failed) => setWrong(wrongAt(placesOf(failed), fields)),
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    const { settings, wrong: found } = settingsOf(fields, api.policy, new Date(now()), key.createdAt);
    const body = changeOf(key, fields, settings);
    // A field that is as before may be outside of a newer policy, which holds anyway.
    if (!('ratelimit' in body)) delete found.limit;
    if (!('ipRanges' in body)) delete found.ranges;
    setWrong(found);
    if (Object.keys(found).length === 0) mutate(body);
  }

  return (
    <form onSubmit={onSubmit} onKeyDown={submitShortcut} onChange={onDirty} noValidate>
      <Field label={t('form.name')} hint={t('form.nameHint')}>
        <input
          ref={first}
          className="input"
          autoComplete="off"
          value={fields.name}
          onChange={(event) => change({ name: limited(event.target.value) })}
        />
      </Field>
      <KeySettings of={key} api={api} fields={fields} wrong={wrong} change={change} />
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
