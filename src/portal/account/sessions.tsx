import { useTranslations } from 'use-intl';
import type { UserSession } from '../../../generated/client/types.gen.ts';
import { Day, RelativeTime } from '../parts/relative-time.tsx';
import { useSession } from '../server/session.ts';

/** The person of a session, or the account if the backend has named nobody. */
function Who({ of: { actor, current, preview } }: { of: UserSession }) {
  const t = useTranslations('account.sessions');
  const { externalId } = useSession();
  return (
    <span className="who">
      <bdi>{actor?.name ?? actor?.id ?? externalId}</bdi>
      {current && <span className="badge">{t('current')}</span>}
      {preview && <span className="badge">{t('preview')}</span>}
    </span>
  );
}

/** The user's sessions, one per row. There is always one: the session of this page. */
export function Sessions({ sessions }: { sessions: readonly UserSession[] }) {
  const t = useTranslations('account.sessions');
  return (
    <table className="data cards">
      <caption className="visually-hidden">{t('table')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('who')}</th>
          <th scope="col">{t('status')}</th>
          <th scope="col">{t('created')}</th>
          <th scope="col">{t('expires')}</th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <tr key={session.handle}>
            <th scope="row">
              <Who of={session} />
            </th>
            <td data-label={t('status')}>{session.state === 'pending' ? t('pending') : t('active')}</td>
            <td data-label={t('created')}>
              <Day at={session.createdAt} />
            </td>
            <td data-label={t('expires')}>
              <RelativeTime at={session.expiresAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
