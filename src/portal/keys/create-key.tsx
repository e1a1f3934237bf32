import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { NewKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { Failure } from '../parts/failure.tsx';
import { Choices, Field } from '../parts/field.tsx';
import { useFirstFocus } from '../parts/first-focus.ts';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { dayOf, type Expiry, expiresAt, expiries, lastDay } from './expiry.ts';
import { limited } from './name-text.ts';

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
  const { mutate, error, isPending } = useMutation({
    mutationFn: (expires: number | undefined) => {
      const body = {
        apiId,
        ...(name.trim() !== '' && { name: name.trim() }),
        ...(expires !== undefined && { expires }),
      };
      return portal.createKey(body);
    },
    onSuccess: onCreated,
    // The response contains the key. The cache drops it when the page no longer shows it.
    gcTime: 0,
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    try {
      const expires = expiresAt(expiry, day, new Date(now()));
      setDayIsWrong(false);
      mutate(expires);
    } catch {
      setDayIsWrong(true);
    }
  }

  return (
    <form onSubmit={submit} noValidate>
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
        <Field label={t('form.date')} hint={t('form.dateHint')} wrong={dayIsWrong ? t('form.dateInvalid') : undefined}>
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
      {error !== null && <Failure error={error} />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {common('cancel')}
        </button>
        <button type="submit" className="button primary" disabled={isPending}>
          {t('create')}
        </button>
      </div>
    </form>
  );
}
