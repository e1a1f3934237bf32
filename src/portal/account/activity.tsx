import { useFormatter, useTranslations } from 'use-intl';
import type { KeyRateLimit, UserAuditEntry } from '../../../generated/client/types.gen.ts';
import { useSession } from '../server/session.ts';
import { nameOf } from '../theme/brand.ts';
import { changesOf, messageOf, subjectOf } from './changes.ts';

/** Who did it: a person, the user themselves, or the company. */
function useActor(): (entry: UserAuditEntry) => string {
  const t = useTranslations('account.activity');
  const { portal } = useSession();
  return ({ actor: { type, person } }) => (type === 'user' ? (person?.name ?? person?.id ?? t('you')) : nameOf(portal));
}

/** The names that the fields of a key have elsewhere in the portal. */
const labels = {
  name: 'columns.name',
  enabled: 'columns.status',
  expires: 'columns.expires',
  ratelimit: 'facts.ratelimit',
  scopes: 'facts.scopes',
  ipRanges: 'facts.ipRanges',
} as const;
const isNamed = (field: string): field is keyof typeof labels => Object.hasOwn(labels, field);

const isRateLimit = (value: unknown): value is KeyRateLimit =>
  typeof value === 'object' && value !== null && 'limit' in value && 'duration' in value;

/** A value of an entry, as the portal shows it elsewhere: a time as a date, for example. What it does not know it shows as it is. */
function useValue(): (field: string, value: unknown) => string {
  const none = useTranslations('account.activity')('none');
  const t = useTranslations('keys');
  const format = useFormatter();
  return (field, value) => {
    if (value === undefined || value === null) return none;
    if (typeof value === 'number' && (field === 'expires' || field.endsWith('At')))
      return format.dateTime(new Date(value), { dateStyle: 'medium', timeStyle: 'short' });
    if (field === 'enabled') return t(value === true ? 'status.active' : 'status.disabled');
    if (field === 'ratelimit' && isRateLimit(value))
      return t('facts.ratelimitValue', { limit: value.limit, seconds: value.duration / 1000 });
    if (Array.isArray(value)) return value.length === 0 ? none : value.map(String).join(', ');
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
}

/** What an action has changed, on request. */
function Changes({ of: entry }: { of: UserAuditEntry }) {
  const t = useTranslations('account.activity');
  const nameOfField = useTranslations('keys');
  const textOf = useValue();
  const changes = changesOf(entry);
  if (changes.length === 0) return null;
  return (
    <details>
      <summary>{t('changes', { count: changes.length })}</summary>
      <ul className="changes">
        {changes.map(({ field, before, after }) => (
          <li key={field}>
            {t('change', {
              field: isNamed(field) ? nameOfField(labels[field]) : field,
              before: textOf(field, before),
              after: textOf(field, after),
            })}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The name of an action. One of a newer server has none yet. */
function useActionName(): (action: string) => string {
  const t = useTranslations('account.actions');
  return (action) => {
    const message = messageOf(action) as Parameters<typeof t.has>[0];
    return t.has(message) ? t(message) : action;
  };
}

/** The user's part of the audit log, one entry per row. */
export function Activity({ entries }: { entries: readonly UserAuditEntry[] }) {
  const t = useTranslations('account.activity');
  const format = useFormatter();
  const actorOf = useActor();
  const nameOfAction = useActionName();
  if (entries.length === 0) return <p className="empty">{t('empty')}</p>;
  return (
    <table className="data cards">
      <caption className="visually-hidden">{t('title')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('what')}</th>
          <th scope="col">{t('by')}</th>
          <th scope="col">{t('from')}</th>
          <th scope="col">{t('time')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.auditId}>
            <th scope="row">
              <span className="what">
                {nameOfAction(entry.action)}
                {subjectOf(entry) !== undefined && <bdi className="muted">{subjectOf(entry)}</bdi>}
                <Changes of={entry} />
              </span>
            </th>
            <td data-label={t('by')}>
              <bdi>{actorOf(entry)}</bdi>
            </td>
            <td data-label={t('from')} title={entry.userAgent} className={entry.ip === undefined ? 'blank' : undefined}>
              <bdi dir="ltr">{entry.ip ?? '–'}</bdi>
            </td>
            <td data-label={t('time')}>
              <time dateTime={new Date(entry.time).toISOString()}>
                {format.dateTime(new Date(entry.time), { dateStyle: 'medium', timeStyle: 'short' })}
              </time>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
