import { useFormatter, useTranslations } from 'use-intl';
import type { ListedKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { Icon } from '../parts/icon.tsx';
import { Menu, type MenuItem } from '../parts/menu.tsx';
import { Day, RelativeTime } from '../parts/relative-time.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { labelOf, useNameOf } from './key-name.ts';
import type { Sort } from './key-query.ts';
import { endOf } from './key-rules.ts';
import type { KeyStep } from './manage-key.tsx';
import { Status } from './status.tsx';
import { useMayDo, useShowUsage } from './use-key-actions.ts';

/** What the table does with a key. */
export interface KeyActions {
  /** Shows the details of a key, or a step of its dialog. */
  onOpen: (key: ListedKey, step?: KeyStep) => void;
  onEnable: (key: ListedKey) => void;
}

function Actions({ of: key, api, onOpen, onEnable }: { of: ListedKey; api: VisibleApi | undefined } & KeyActions) {
  const t = useTranslations('keys');
  const common = useTranslations('common');
  const announce = useAnnounce();
  const may = useMayDo()(key, api);
  const showUsage = useShowUsage();
  const copyId = () =>
    navigator.clipboard.writeText(key.keyId).then(
      () => announce(common('copied')),
      () => announce(key.keyId),
    );
  const items: (MenuItem | false)[] = [
    may.seeUsage && { label: t('usage.action'), icon: 'bar-chart', onSelect: () => showUsage(key) },
    { label: t('copyId'), icon: 'copy', onSelect: () => void copyId() },
    may.update && { label: t('edit.action'), icon: 'pencil', onSelect: () => onOpen(key, 'edit') },
    may.rotate && { label: t('reroll.action'), icon: 'rotate', onSelect: () => onOpen(key, 'reroll') },
    may.update &&
      (key.enabled
        ? { label: t('disable.action'), icon: 'pause', onSelect: () => onEnable({ ...key, enabled: false }) }
        : { label: t('enable.action'), icon: 'play', onSelect: () => onEnable({ ...key, enabled: true }) }),
    may.delete && {
      ...{ label: t('delete.action'), icon: 'trash', isFinal: true },
      onSelect: () => onOpen(key, 'delete'),
    },
  ];
  return <Menu label={t('actionsOf', { name: labelOf(key) })} items={items.filter((item) => item !== false)} />;
}

function Row({
  of: key,
  api,
  showsApi,
  showsUsage,
  ...actions
}: {
  of: ListedKey;
  api: VisibleApi | undefined;
  showsApi: boolean;
  showsUsage: boolean;
} & KeyActions) {
  const t = useTranslations('keys');
  const never = useTranslations('common')('never');
  const format = useFormatter();
  const nameOf = useNameOf();
  const end = endOf(key, api?.policy);
  return (
    <tr
      className="choosable"
      onClick={({ target }) => {
        if (target instanceof Element && target.closest('button') === null) actions.onOpen(key);
      }}
    >
      <th scope="row">
        <span className="key-name">
          <span className="key-title">
            <button
              type="button"
              className="row-link"
              // A name that is too long loses its end, in each direction.
              dir="auto"
              aria-haspopup="dialog"
              title={key.name}
              onClick={() => actions.onOpen(key)}
            >
              {nameOf(key)}
            </button>
            {key.managed && <span className="badge">{t('managed.badge')}</span>}
          </span>
          <code className="start">{key.start}</code>
        </span>
      </th>
      {showsApi && (
        <td className="secondary">
          <bdi>{api?.name ?? key.apiId}</bdi>
        </td>
      )}
      <td className="status-cell">
        <Status of={key} policy={api?.policy} />
      </td>
      {showsUsage && (
        <td className="secondary">
          {key.usage !== undefined && (
            <span className="calls">
              <Sparkline counts={key.usage.hours} />
              {format.number(key.usage.total)}
            </span>
          )}
        </td>
      )}
      <td className="last-used">
        {key.lastUsedAt === undefined ? t('neverUsed') : <RelativeTime at={key.lastUsedAt} />}
      </td>
      <td className="secondary">{end === undefined ? never : <Day at={end} />}</td>
      <td className="actions">
        <Actions of={key} api={api} {...actions} />
      </td>
    </tr>
  );
}

/** A column heading that sorts the whole list, not only this page. Choosing it again restores the usual order. */
function Heading({
  text,
  sort,
  order,
  current,
  onSort,
}: {
  text: string;
  sort: Sort;
  order: 'ascending' | 'descending';
  current: Sort;
  onSort: (sort: Sort) => void;
}) {
  const isCurrent = sort === current;
  return (
    <th scope="col" {...(isCurrent && { 'aria-sort': order })}>
      <button type="button" className="sort" onClick={() => onSort(isCurrent ? 'newest' : sort)}>
        {text}
        <Icon name="sorted" />
      </button>
    </th>
  );
}

/** The user's keys, one per row. The API column appears if the portal has several APIs, and the calls if the user may see them. */
export function KeyTable({
  keys,
  apis,
  isBusy,
  sort,
  onSort,
  ...actions
}: {
  keys: ListedKey[];
  apis: VisibleApi[];
  /** Whether the rows are about to be replaced. */
  isBusy: boolean;
  sort: Sort;
  onSort: (sort: Sort) => void;
} & KeyActions) {
  const t = useTranslations('keys');
  const severalApis = apis.length > 1;
  const showsUsage = keys.some(({ usage }) => usage !== undefined);
  const sorting = { current: sort, onSort };
  return (
    <div className="keys-wrap">
      <table className="data keys" aria-busy={isBusy}>
        <caption className="visually-hidden">{t('table')}</caption>
        <thead>
          <tr>
            <Heading text={t('columns.name')} sort="name" order="ascending" {...sorting} />
            {severalApis && <th scope="col">{t('columns.api')}</th>}
            <th scope="col">{t('columns.status')}</th>
            {showsUsage && <th scope="col">{t('columns.calls')}</th>}
            <Heading text={t('columns.lastUsed')} sort="lastUsed" order="descending" {...sorting} />
            <Heading text={t('columns.expires')} sort="expires" order="ascending" {...sorting} />
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
              showsUsage={showsUsage}
              {...actions}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
