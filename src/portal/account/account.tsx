import '../common.ts';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { useSession } from '../server/session.ts';
import { Activity } from './activity.tsx';
import { useAuditEntries, useUserSessions } from './queries.ts';
import { Sessions } from './sessions.tsx';
import { SignOutEverywhere } from './sign-out-everywhere.tsx';

/** The parts of an infinite query that a list shows. */
interface Paged<Item> {
  data: { pages: { items: Item[] }[] } | undefined;
  error: Error | null;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  refetch: () => unknown;
  fetchNextPage: () => unknown;
}

/** A list with a button for more of it. What was read stays visible if the next page fails. */
function Pages<Item>({
  of: query,
  more,
  children,
}: {
  of: Paged<Item>;
  more: string;
  children: (items: Item[]) => React.ReactNode;
}) {
  const loading = useTranslations('common')('loading');
  const { data, error, hasNextPage, isFetchingNextPage, refetch, fetchNextPage } = query;
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <>
      {children(data.pages.flatMap(({ items }) => items))}
      {error !== null && <Failure error={error} onRetry={() => void (hasNextPage ? fetchNextPage() : refetch())} />}
      {hasNextPage && (
        <button type="button" className="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? loading : more}
        </button>
      )}
    </>
  );
}

/** The Account tab: the user's own sessions and audit entries in this portal. */
export default function AccountTab() {
  const t = useTranslations('account');
  const { actor, externalId } = useSession();
  const sessions = useUserSessions();
  const entries = useAuditEntries();
  const [asks, setAsks] = useState(false);
  return (
    <>
      <div>
        <h1>{t('title')}</h1>
        <p className="muted">
          {actor === undefined
            ? t('intro', { externalId })
            : t('introPerson', { person: actor.name ?? actor.id, externalId })}
        </p>
      </div>
      <section className="account-part" aria-labelledby="sessions">
        <div className="title-row">
          <div>
            <h2 id="sessions">{t('sessions.title')}</h2>
            <p className="muted">{t('sessions.intro')}</p>
          </div>
          <button type="button" className="button" aria-haspopup="dialog" onClick={() => setAsks(true)}>
            {t('everywhere.action')}
          </button>
        </div>
        <Pages of={sessions} more={t('sessions.more')}>
          {(items) => <Sessions sessions={items} />}
        </Pages>
      </section>
      {/* Below a list whose length is not known yet it would move. */}
      {!sessions.isPending && (
        <section className="account-part" aria-labelledby="activity">
          <div>
            <h2 id="activity">{t('activity.title')}</h2>
            <p className="muted">{t('activity.intro')}</p>
          </div>
          <Pages of={entries} more={t('activity.more')}>
            {(items) => <Activity entries={items} />}
          </Pages>
        </section>
      )}
      {asks && <SignOutEverywhere onClose={() => setAsks(false)} />}
    </>
  );
}
