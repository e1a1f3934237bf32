import { useEffect, useRef } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { ApiKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { Field } from '../parts/field.tsx';
import { now } from '../server/clock.ts';
import { dayOf, expiresAt, expiries, lastDay } from './expiry.ts';
import { greatestLimit, type KeyFields, type Wrong } from './key-form.ts';
import { goneScopes, latestEnd, type Unit, unitOf, units } from './key-rules.ts';
import { ScopeChoices } from './scope-choices.tsx';
import { useDurationText, useRateText } from './use-rule-text.ts';

interface Part {
  fields: KeyFields;
  /** The key, if it exists already. */
  of: ApiKey | undefined;
  api: VisibleApi;
  wrong: Wrong;
  change: (fields: Partial<KeyFields>) => void;
}

/** When the key ends: only the choices that the policy allows, and the bound below them. */
function Expiry({ fields, of: key, api: { policy }, wrong, change }: Part) {
  const t = useTranslations('keys.form');
  const never = useTranslations('common')('never');
  const format = useFormatter();
  const durationText = useDurationText();
  const present = new Date(now());
  const latest = latestEnd(key?.createdAt ?? present.getTime(), policy);
  const date = (at: number | undefined) =>
    at === undefined ? never : format.dateTime(new Date(at), { dateStyle: 'medium' });
  const labelOf = (expiry: KeyFields['expiry']) => {
    if (expiry === 'unchanged') return t('unchanged', { date: date(key?.expires ?? latest) });
    if (expiry === 'never' && latest !== undefined) return t('atLatest', { date: date(latest) });
    const choice = t(`expiries.${expiry}`);
    return expiry === 'never' || expiry === 'date'
      ? choice
      : t('onDate', { choice, date: date(expiresAt(expiry, '', present)) });
  };
  const isAllowed = (expiry: (typeof expiries)[number]) =>
    expiry === 'never' ||
    expiry === 'date' ||
    (expiresAt(expiry, '', present) ?? 0) <= (latest ?? Number.POSITIVE_INFINITY);
  const options = [...(key === undefined ? [] : (['unchanged'] as const)), ...expiries.filter(isAllowed)];
  return (
    <>
      <Field
        label={t('expiry')}
        hint={
          policy?.maxLifetime === undefined ? undefined : t('latest', { lifetime: durationText(policy.maxLifetime) })
        }
      >
        <select
          className="input"
          value={fields.expiry}
          onChange={({ target }) => {
            const chosen = options.find((option) => option === target.value);
            if (chosen !== undefined) change({ expiry: chosen });
          }}
        >
          {options.map((option) => (
            <option key={option} value={option}>
              {labelOf(option)}
            </option>
          ))}
        </select>
      </Field>
      {fields.expiry === 'date' && (
        <Field
          label={t('date')}
          hint={t('dateHint')}
          wrong={
            wrong.expiry && (wrong.expiry === 'noDay' ? t('dateInvalid') : t('dateTooLate', { date: date(latest) }))
          }
        >
          <input
            className="input"
            type="date"
            min={dayOf(present)}
            max={latest === undefined ? lastDay : dayOf(new Date(latest))}
            value={fields.day}
            onChange={(event) => change({ day: event.target.value })}
          />
        </Field>
      )}
    </>
  );
}

/** The rate limit of the key, with the greatest that the policy allows. */
function RateLimit({ fields, of: key, api: { policy }, wrong, change }: Part) {
  const t = useTranslations('keys');
  const rateText = useRateText();
  const durationText = useDurationText();
  const max = policy?.perKey?.ratelimit;
  const bound = max === undefined ? '' : rateText(max);
  const hint = max === undefined ? t('form.ratelimitHint') : t('form.ratelimitBound', { bound });
  const wrongText = {
    noNumber: t('form.ratelimitInvalid', { max: greatestLimit }),
    // The server has refused the request and says why; without a bound there is nothing to add.
    tooHigh: max === undefined ? undefined : t('form.ratelimitTooHigh', { bound }),
  };
  // The time of an existing limit, and that of the bound, may have no name.
  const times = new Set<number>([
    ...Object.values(units),
    ...[key?.ratelimit, max].flatMap((each) => each?.duration ?? []),
  ]);
  return (
    <div className="rate-limit">
      <Field label={t('form.ratelimit')} hint={hint} wrong={wrong.limit && wrongText[wrong.limit]}>
        <input
          className="input"
          inputMode="numeric"
          autoComplete="off"
          value={fields.limit}
          onChange={(event) => change({ limit: event.target.value })}
        />
      </Field>
      <Field label={t('form.per')}>
        <select
          className="input"
          value={fields.duration}
          onChange={(event) => change({ duration: Number(event.target.value) })}
        >
          {[...times]
            .sort((a, b) => a - b)
            .map((time) => (
              <option key={time} value={time}>
                {unitOf(time) === undefined ? durationText(time) : t(`form.units.${unitOf(time) as Unit}`)}
              </option>
            ))}
        </select>
      </Field>
    </div>
  );
}

/** The addresses from which the key works, with those that the policy allows. */
function Ranges({ fields, api: { policy }, wrong, change }: Part) {
  const t = useTranslations('keys.form');
  const allowed = policy?.ipRanges?.ranges ?? [];
  const hint = allowed.length === 0 ? t('ipRangesHint') : t('ipRangesBound', { ranges: allowed.join(', ') });
  const text = () => {
    if (wrong.ranges === undefined) return undefined;
    return 'missing' in wrong.ranges ? t('ipRangesRequired') : t('ipRangesInvalid', wrong.ranges);
  };
  return (
    <Field label={t('ipRanges')} hint={hint} wrong={text()}>
      <textarea
        className="input"
        dir="ltr"
        rows={2}
        spellCheck={false}
        autoComplete="off"
        value={fields.ranges}
        onChange={(event) => change({ ranges: event.target.value })}
      />
    </Field>
  );
}

/** The fields of a key below its name and API: when it ends, what it can do, and its limits, all within the policy. */
export function KeySettings(part: Part) {
  const t = useTranslations('keys.form');
  const { fields, of: key, api, wrong, change } = part;
  const gone = goneScopes(key ?? {}, api.scopes);
  const hasScopes = (api.scopes?.length ?? 0) > 0 || gone.length > 0;
  const needsRanges = api.policy?.ipRanges?.mode === 'required';
  // A mistake must not hide in a closed part of the form.
  const isOpen = needsRanges || fieldsAreUsed(fields) || wrong.limit !== undefined || wrong.ranges !== undefined;
  const more = useRef<HTMLDetailsElement>(null);
  // The form can be longer than the window, so a mistake may not be visible.
  useEffect(() => {
    if (Object.keys(wrong).length === 0) return;
    more.current?.closest('form')?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [wrong]);
  return (
    <>
      <Expiry {...part} />
      {hasScopes && (
        <ScopeChoices
          offered={api.scopes ?? []}
          gone={gone}
          chosen={fields.scopes}
          onChange={(scopes) => change({ scopes })}
        />
      )}
      <details ref={more} className="more" open={isOpen || undefined}>
        <summary>{t('more')}</summary>
        <RateLimit {...part} />
        <Ranges {...part} />
      </details>
    </>
  );
}

const fieldsAreUsed = ({ limit, ranges }: KeyFields): boolean => limit !== '' || ranges !== '';
