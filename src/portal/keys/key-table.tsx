import { useTranslations } from 'use-intl';
import type { ApiKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { Day, Moment } from '../parts/moment.tsx';
import { labelOf, useNameOf } from './key-name.ts';
import { statusOf } from './key-status.ts';

/** What a key is good for now, in words and by the form of a mark, never by colour alone. */
export function Status({ of: key }: { of: ApiKey }) {
  const t = useTranslations('keys.status');
  const status = statusOf(key, new Date());
  return <span className={`status ${status}`}>{t(status)}</span>;
}

function Row({ of: key, api, onOpen }: { of: ApiKey; api: string | undefined; onOpen: (key: ApiKey) => void }) {
  const t = useTranslations('keys');
  const never = useTranslations('common')('never');
  const nameOf = useNameOf();
  return (
    <tr>
      <th scope="row">
        <span className="key-name">
          {nameOf(key)}
          <code>{key.start}…</code>
        </span>
      </th>
      {api !== undefined && <td data-label={t('columns.api')}>{api}</td>}
      <td data-label={t('columns.status')}>
        <Status of={key} />
      </td>
      <td data-label={t('columns.created')}>
        <Day at={key.createdAt} />
      </td>
      <td data-label={t('columns.lastUsed')}>
        {key.lastUsedAt === undefined ? t('neverUsed') : <Moment at={key.lastUsedAt} />}
      </td>
      <td data-label={t('columns.expires')}>{key.expires === undefined ? never : <Moment at={key.expires} />}</td>
      <td className="actions">
        <button
          type="button"
          className="button"
          aria-haspopup="dialog"
          aria-label={t('manageKey', { name: labelOf(key) })}
          onClick={() => onOpen(key)}
        >
          {t('manage')}
        </button>
      </td>
    </tr>
  );
}

/** The user's keys, a row each. The API is told where there are several. */
export function KeyTable({
  keys,
  apis,
  isBusy,
  onOpen,
}: {
  keys: ApiKey[];
  apis: VisibleApi[];
  /** Whether what is shown is about to be replaced. */
  isBusy: boolean;
  onOpen: (key: ApiKey) => void;
}) {
  const t = useTranslations('keys');
  const severalApis = apis.length > 1;
  return (
    <table className="data keys" aria-busy={isBusy}>
      <caption className="visually-hidden">{t('table')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('columns.name')}</th>
          {severalApis && <th scope="col">{t('columns.api')}</th>}
          <th scope="col">{t('columns.status')}</th>
          <th scope="col">{t('columns.created')}</th>
          <th scope="col">{t('columns.lastUsed')}</th>
          <th scope="col">{t('columns.expires')}</th>
          <th scope="col">
            <span className="visually-hidden">{t('columns.actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Row
            key={key.keyId}
            of={key}
            api={severalApis ? (apis.find(({ apiId }) => apiId === key.apiId)?.name ?? key.apiId) : undefined}
            onOpen={onOpen}
          />
        ))}
      </tbody>
    </table>
  );
}
