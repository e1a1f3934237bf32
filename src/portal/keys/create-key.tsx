import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CreateKeyRequest, NewKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useFirstFocus } from '../parts/first-focus.ts';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { placesOf } from '../server/failures.ts';
import { KeySettings } from './key-fields.tsx';
import { fieldsOf, type KeyFields, settingsOf, type Wrong, wrongAt } from './key-form.ts';
import { limited } from './name-text.ts';
import { submitShortcut } from './submit-shortcut.ts';
import { useNewKey } from './use-new-key.ts';

/** The form that creates a key. */
export function CreateKey({
  apis,
  onCreated,
  onDirty,
  onCancel,
}: {
  /** The APIs in which the user may create keys; at least one. */
  apis: [VisibleApi, ...VisibleApi[]];
  onCreated: (key: NewKey, name: string | undefined) => void;
  /** Called when the user changes a field. */
  onDirty: () => void;
  onCancel: () => void;
}) {
  const t = useTranslations('keys');
  const common = useTranslations('common');
  const first = useFirstFocus<HTMLInputElement>();
  const [api, setApi] = useState(apis[0]);
  const [fields, setFields] = useState(fieldsOf);
  const [wrong, setWrong] = useState<Wrong>({});
  const { submit, error, isPending, isUncertain, submitButton } = useNewKey<CreateKeyRequest>(
    (body, options) => portal.createKey(body, options),
    (key) => onCreated(key, fields.name.trim() || undefined),
    (failed) => setWrong(wrongAt(placesOf(failed), fields)),
  );
  const change = (changed: Partial<KeyFields>) => setFields((before) => ({ ...before, ...changed }));

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    const checked = settingsOf(fields, api.policy, new Date(now()));
    const isWrong = Object.keys(checked.wrong).length > 0;
    setWrong(checked.wrong);
    // A request whose outcome is unknown is repeated as it was.
    if (isUncertain || !isWrong) submit(() => ({ apiId: api.apiId, ...checked.settings }));
  }

  return (
    <form onSubmit={onSubmit} onKeyDown={submitShortcut} onChange={onDirty} noValidate>
      <fieldset className="fields" disabled={isUncertain}>
        <Field label={`${t('form.name')} (${common('optional')})`} hint={t('form.nameHint')}>
          <input
            ref={first}
            className="input"
            autoComplete="off"
            value={fields.name}
            onChange={(event) => change({ name: limited(event.target.value) })}
          />
        </Field>
        {apis.length > 1 && (
          <Field label={t('form.api')}>
            <select
              className="input"
              value={api.apiId}
              onChange={(event) => {
                setApi(apis.find(({ apiId }) => apiId === event.target.value) ?? api);
                // Each API has its own scopes, and its own bounds.
                change({ scopes: new Set(), expiry: 'never' });
                setWrong({});
              }}
            >
              {apis.map(({ apiId, name }) => (
                <option key={apiId} value={apiId}>
                  {name}
                </option>
              ))}
            </select>
          </Field>
        )}
        <KeySettings of={undefined} api={api} fields={fields} wrong={wrong} change={change} />
      </fieldset>
      {error !== null && <Failure error={error} />}
      {isUncertain && <p>{t('uncertain')}</p>}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {common('cancel')}
        </button>
        <button ref={submitButton} type="submit" className="button primary" disabled={isPending}>
          {t('create')}
        </button>
      </div>
    </form>
  );
}
