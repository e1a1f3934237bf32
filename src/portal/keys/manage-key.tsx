import { useMutation } from '@tanstack/react-query';
import { useFormatter, useTranslations } from 'use-intl';
import type { ApiKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { Failure } from '../parts/failure.tsx';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { useSession } from '../server/session.ts';
import { nameOf } from '../theme/brand.ts';
import { labelOf } from './key-name.ts';
import { endOf, goneScopes, rateLimitOf } from './key-rules.ts';
import { statusOf } from './key-status.ts';
import { Status } from './key-table.tsx';
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

function Facts({ of: key, api }: { of: ApiKey; api: VisibleApi | undefined }) {
  const t = useTranslations('keys');
  const never = useTranslations('common')('never');
  const format = useFormatter();
  const rateText = useRateText();
  const company = nameOf(useSession().portal);
  const moment = (at: number | undefined, otherwise: string) =>
    at === undefined ? otherwise : format.dateTime(new Date(at), { dateStyle: 'medium', timeStyle: 'short' });
  const facts: [label: string, value: React.ReactNode][] = [
    [t('columns.status'), <Status key="status" of={key} policy={api?.policy} />],
    [t('facts.key'), <code key="start">{key.start}</code>],
    [t('facts.keyId'), <code key="id">{key.keyId}</code>],
    [t('columns.created'), moment(key.createdAt, '')],
    [t('facts.updated'), moment(key.updatedAt, '')],
    [t('columns.lastUsed'), moment(key.lastUsedAt, t('neverUsed'))],
    [t('columns.expires'), moment(endOf(key, api?.policy), never)],
  ];
  const { limit, isOwn } = rateLimitOf(key, api?.policy);
  if (limit !== undefined) {
    const value = rateText(limit);
    facts.push([t('facts.ratelimit'), isOwn ? value : t('facts.fromPolicy', { value, name: company })]);
  }
  if (key.scopes !== undefined || (api?.scopes?.length ?? 0) > 0)
    facts.push([t('facts.scopes'), <Scopes key="scopes" of={key} api={api} />]);
  const allowed = api?.policy?.ipRanges?.ranges ?? [];
  if (key.ipRanges !== undefined) facts.push([t('facts.ipRanges'), key.ipRanges.join(', ')]);
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
  onClose,
}: {
  of: ApiKey;
  /** The API of the key, if the user can still see it. */
  api: VisibleApi | undefined;
  onChanged: (key: ApiKey) => void;
  onStep: (step: KeyStep) => void;
  onClose: () => void;
}) {
  const t = useTranslations('keys');
  const close = useTranslations('common')('close');
  const announce = useAnnounce();
  const { mutate, error, isPending } = useMutation({
    mutationFn: (enabled: boolean) => portal.updateKey({ keyId: key.keyId, enabled }),
    onSuccess: (changed) => {
      announce(t(changed.enabled ? 'enable.done' : 'disable.done', { name: labelOf(key) }));
      onChanged(changed);
    },
  });
  const company = nameOf(useSession().portal);
  const isLive = statusOf(key, api?.policy, new Date(now())) !== 'expired';
  // Only the company can change a managed key.
  const may = key.managed ? [] : (api?.actions ?? []);
  return (
    <>
      {key.managed && (
        <p className="note">
          <span className="badge">{t('managed.badge')}</span> {t('managed.text', { name: company })}
        </p>
      )}
      <Facts of={key} api={api} />
      {error !== null && <Failure error={error} />}
      <div className="dialog-actions">
        {may.includes('update_key') && (
          <>
            <button type="button" className="button" onClick={() => onStep('edit')}>
              {t('edit.action')}
            </button>
            <button type="button" className="button" disabled={isPending} onClick={() => mutate(!key.enabled)}>
              {t(key.enabled ? 'disable.action' : 'enable.action')}
            </button>
          </>
        )}
        {may.includes('create_key') && isLive && (
          <button type="button" className="button" onClick={() => onStep('reroll')}>
            {t('reroll.action')}
          </button>
        )}
        {may.includes('delete_key') && (
          <button type="button" className="button" onClick={() => onStep('delete')}>
            {t('delete.action')}
          </button>
        )}
        <button type="button" className="button primary" onClick={onClose}>
          {close}
        </button>
      </div>
    </>
  );
}
