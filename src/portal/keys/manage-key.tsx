import { type ReactNode, useRef } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { ApiKey, ListedKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Icon } from '../parts/icon.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { useSession } from '../server/session.ts';
import { nameOf } from '../theme/brand.ts';
import { useNameOf } from './key-name.ts';
import { endOf, goneScopes, rateLimitOf } from './key-rules.ts';
import { Status } from './status.tsx';
import { useEnable, useMayDo, useShowUsage } from './use-key-actions.ts';
import { useKey } from './use-keys.ts';
import { useRateText } from './use-rule-text.ts';

/** The actions of the dialog that have their own step. */
export type KeyStep = 'edit' | 'reroll' | 'delete';

/** The scopes of a key. Those that the API no longer has are marked: the key may still need them. */
function Scopes({ of: key, api }: { of: ApiKey; api: VisibleApi | undefined }) {
  const t = useTranslations('keys');
  const { scopes = [] } = key;
  if (scopes.length === 0) return t('facts.noScopes');
  const gone = goneScopes(key, api?.scopes);
  return (
    <ul className="tags">
      {scopes.map((scope) => (
        <li key={scope}>
          <code>{scope}</code>
          {gone.includes(scope) && <span className="badge">{t('form.gone')}</span>}
        </li>
      ))}
    </ul>
  );
}

/** The id of a key, which support asks for. */
function KeyId({ keyId }: { keyId: string }) {
  const t = useTranslations('keys');
  const code = useRef<HTMLElement>(null);
  return (
    <span className="copyable">
      <code ref={code}>{keyId}</code>
      <CopyButton
        look="icon"
        text={keyId}
        label={t('copyId')}
        select={() => code.current && getSelection()?.selectAllChildren(code.current)}
      />
    </span>
  );
}

/** The key on the other side of a rotation. It may be gone. */
function Linked({ keyId, onOpen }: { keyId: string; onOpen: (key: ListedKey) => void }) {
  const t = useTranslations('keys');
  const nameOf = useNameOf();
  const { data: key } = useKey(keyId);
  if (key === null) return t('linkedGone');
  if (key === undefined) return <code>{keyId}</code>;
  return (
    <button type="button" className="text-link" onClick={() => onOpen(key)}>
      {nameOf(key)} <code className="start">{key.start}</code>
    </button>
  );
}

function Facts({
  of: key,
  api,
  onOpen,
}: {
  of: ListedKey;
  api: VisibleApi | undefined;
  onOpen: (key: ListedKey) => void;
}) {
  const t = useTranslations('keys');
  const never = useTranslations('common')('never');
  const format = useFormatter();
  const rateText = useRateText();
  const company = nameOf(useSession().portal);
  const moment = (at: number | undefined, otherwise: string) =>
    at === undefined ? otherwise : format.dateTime(new Date(at), { dateStyle: 'medium', timeStyle: 'short' });
  const facts: [label: string, value: ReactNode][] = [
    [t('columns.status'), <Status key="status" of={key} policy={api?.policy} />],
    [t('facts.keyId'), <KeyId key="id" keyId={key.keyId} />],
    [t('columns.created'), moment(key.createdAt, '')],
    [t('facts.updated'), moment(key.updatedAt, '')],
    [
      t('columns.lastUsed'),
      key.lastUsedAt === undefined ? t('neverUsed') : <RelativeTime key="used" at={key.lastUsedAt} />,
    ],
    [t('columns.expires'), moment(endOf(key, api?.policy), never)],
  ];
  if (api !== undefined) facts.splice(2, 0, [t('columns.api'), <bdi key="api">{api.name}</bdi>]);
  if (key.replacedBy !== undefined)
    facts.push([t('facts.replacedBy'), <Linked key={key.replacedBy} keyId={key.replacedBy} onOpen={onOpen} />]);
  if (key.replaces !== undefined)
    facts.push([t('facts.replaces'), <Linked key={key.replaces} keyId={key.replaces} onOpen={onOpen} />]);
  const { limit, isOwn } = rateLimitOf(key, api?.policy);
  if (limit !== undefined) {
    const value = rateText(limit);
    facts.push([t('facts.ratelimit'), isOwn ? value : t('facts.fromPolicy', { value, name: company })]);
  }
  if (key.scopes !== undefined || (api?.scopes?.length ?? 0) > 0)
    facts.push([t('facts.scopes'), <Scopes key="scopes" of={key} api={api} />]);
  const allowed = api?.policy?.ipRanges?.ranges ?? [];
  if (key.ipRanges !== undefined)
    facts.push([
      t('facts.ipRanges'),
      <bdi key="ranges" dir="ltr">
        {key.ipRanges.join(', ')}
      </bdi>,
    ]);
  else if (allowed.length > 0)
    facts.push([t('facts.ipRanges'), t('facts.fromPolicy', { value: allowed.join(', '), name: company })]);
  return (
    <dl className="facts">
      {facts.map(([label, value]) => (
        <div key={label} className="fact">
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** All details of a key, and the actions that the user may perform. */
export function ManageKey({
  of: key,
  api,
  onChanged,
  onStep,
  onOpen,
}: {
  of: ListedKey;
  /** The API of the key, if the user can still see it. */
  api: VisibleApi | undefined;
  onChanged: (key: ApiKey) => void;
  onStep: (step: KeyStep) => void;
  /** Shows another key instead. */
  onOpen: (key: ListedKey) => void;
}) {
  const t = useTranslations('keys');
  const format = useFormatter();
  const { mutate, error, isPending } = useEnable(onChanged);
  const company = nameOf(useSession().portal);
  const may = useMayDo()(key, api);
  const showUsage = useShowUsage();
  const enabling = key.enabled ? 'disable' : 'enable';
  return (
    <>
      {key.managed && (
        <p className="note">
          <span className="badge">{t('managed.badge')}</span> {t('managed.text', { name: company })}
        </p>
      )}
      {(may.rotate || may.update || may.seeUsage) && (
        <div className="quick-actions">
          {may.rotate && (
            <button type="button" className="button" onClick={() => onStep('reroll')}>
              <Icon name="rotate" />
              {t('reroll.action')}
            </button>
          )}
          {may.update && (
            <button type="button" className="button" onClick={() => onStep('edit')}>
              <Icon name="pencil" />
              {t('edit.action')}
            </button>
          )}
          {may.seeUsage && (
            <button type="button" className="button" onClick={() => showUsage(key)}>
              <Icon name="bar-chart" />
              {t('usage.action')}
            </button>
          )}
        </div>
      )}
      {key.usage !== undefined && (
        <div className="panel usage-of-key">
          <p>
            {t('columns.calls')} <strong>{format.number(key.usage.total)}</strong>
          </p>
          <Sparkline counts={key.usage.hours} />
        </div>
      )}
      <Facts of={key} api={api} onOpen={onOpen} />
      {error !== null && <Failure error={error} />}
      {(may.update || may.delete) && (
        <ul className="panel danger-zone">
          {may.update && (
            <li>
              <p>
                {t(`${enabling}.title`)}
                <span className="hint">{t(`${enabling}.text`)}</span>
              </p>
              <button
                type="button"
                className="button"
                disabled={isPending}
                onClick={() => mutate({ keyId: key.keyId, enabled: !key.enabled })}
              >
                {t(`${enabling}.action`)}
              </button>
            </li>
          )}
          {may.delete && (
            <li>
              <p>
                {t('delete.submit')}
                <span className="hint">{t('delete.text')}</span>
              </p>
              <button type="button" className="button final" onClick={() => onStep('delete')}>
                {t('delete.action')}
              </button>
            </li>
          )}
        </ul>
      )}
    </>
  );
}
