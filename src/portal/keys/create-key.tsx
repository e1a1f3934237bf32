import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CreateKeyRequest, NewKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { Failure } from '../parts/failure.tsx';
import { Choices, Field } from '../parts/field.tsx';
import { useFirstFocus } from '../parts/first-focus.ts';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { dayOf, type Expiry, expiresAt, expiries, lastDay } from './expiry.ts';
import { limited } from './name-text.ts';
import { useNewKey } from './use-new-key.ts';

/** The form that creates a key. */
export function CreateKey({
  apis,
  onCreated,
  onCancel,
}: {
  /** The APIs in which the user may create keys; at least one. */
  apis: VisibleApi[];
  onCreated: (key: NewKey) => void;
  onCancel: () => void;
}) {
  const t = useTranslations('keys');
  const common = useTranslations('common');
  const first = useFirstFocus<HTMLInputElement>();
  const [name, setName] = useState('');
  const [apiId, setApiId] = useState(apis[0]?.apiId ?? '');
  const [expiry, setExpiry] = useState<Expiry>('never');
  const [day, setDay] = useState('');
  const [dayIsWrong, setDayIsWrong] = useState(false);
  const { submit, error, isPending, isUncertain, submitButton } = useNewKey<CreateKeyRequest>(
    (body, options) => portal.createKey(body, options),
    onCreated,
  );

  /** @throws if the day is missing or invalid */
  const body = () => {
    const expires = expiresAt(expiry, day, new Date(now()));
    return { apiId, ...(name.trim() !== '' && { name: name.trim() }), ...(expires !== undefined && { expires }) };
  };

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    try {
      submit(body);
      setDayIsWrong(false);
    } catch {
      setDayIsWrong(true);
    }
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <fieldset className="fields" disabled={isUncertain}>
        <Field label={`${t('form.name')} (${common('optional')})`} hint={t('form.nameHint')}>
          <input
            ref={first}
            className="input"
            autoComplete="off"
            value={name}
            onChange={(event) => setName(limited(event.target.value))}
          />
        </Field>
        {apis.length > 1 && (
          <Field label={t('form.api')}>
            <select className="input" value={apiId} onChange={(event) => setApiId(event.target.value)}>
              {apis.map((api) => (
                <option key={api.apiId} value={api.apiId}>
                  {api.name}
                </option>
              ))}
            </select>
          </Field>
        )}
        <Choices
          legend={t('form.expiry')}
          value={expiry}
          options={expiries.map((value) => ({ value, label: t(`form.expiries.${value}`) }))}
          onChange={setExpiry}
        />
        {expiry === 'date' && (
          <Field
            label={t('form.date')}
            hint={t('form.dateHint')}
            wrong={dayIsWrong ? t('form.dateInvalid') : undefined}
          >
            <input
              className="input"
              type="date"
              min={dayOf(new Date(now()))}
              max={lastDay}
              value={day}
              onChange={(event) => setDay(event.target.value)}
            />
          </Field>
        )}
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
