import { useTranslations } from 'use-intl';
import type { ApiKey, Policy, VisibleApi } from '../../../generated/client/types.gen.ts';
import { Day, RelativeTime, usePresent } from '../parts/relative-time.tsx';
import { labelOf, useNameOf } from './key-name.ts';
import { endOf } from './key-rules.ts';
import { statusOf } from './key-status.ts';

/** The status of a key, as a text and a shape, never only as a colour. */
export function Status({ of: key, policy }: { of: ApiKey; policy: Policy | undefined }) {
  const t = useTranslations('keys.status');
  const status = statusOf(key, policy, usePresent());
  return <span className={`status ${status}`}>{t(status)}</span>;
}

function Row({
  of: key,
  api,
  showsApi,
  onOpen,
}: {
  of: ApiKey;
  api: VisibleApi | undefined;
  showsApi: boolean;
  onOpen: (key: ApiKey) => void;
}) {
  const t = useTranslations('keys');
  const never = useTranslations('common')('never');
  const nameOf = useNameOf();
  const end = endOf(key, api?.policy);
  return (
    <tr>
      <th scope="row">
        <span className="key-name">
          <span className="key-title">
            <span title={key.name}>{nameOf(key)}</span>
            {key.managed && <span className="badge">{t('managed.badge')}</span>}
          </span>
          <code>{key.start}…</code>
        </span>
      </th>
      {showsApi && <td data-label={t('columns.api')}>{api?.name ?? key.apiId}</td>}
      <td data-label={t('columns.status')}>
        <Status of={key} policy={api?.policy} />
      </td>
      <td data-label={t('columns.created')}>
        <Day at={key.createdAt} />
      </td>
      <td data-label={t('columns.lastUsed')}>
        {key.lastUsedAt === undefined ? t('neverUsed') : <RelativeTime at={key.lastUsedAt} />}
      </td>
      <td data-label={t('columns.expires')}>{end === undefined ? never : <RelativeTime at={end} />}</td>
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

/** The user's keys, one per row. The API column appears if the portal has several APIs. */
export function KeyTable({
  keys,
  apis,
  isBusy,
  onOpen,
}: {
  keys: ApiKey[];
  apis: VisibleApi[];
  /** Whether the rows are about to be replaced. */
  isBusy: boolean;
  onOpen: (key: ApiKey) => void;
}) {
  const t = useTranslations('keys');
  const severalApis = apis.length > 1;
  return (
    <table className="data cards keys" aria-busy={isBusy}>
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
            api={apis.find(({ apiId }) => apiId === key.apiId)}
            showsApi={severalApis}
            onOpen={onOpen}
          />
        ))}
      </tbody>
    </table>
  );
}
