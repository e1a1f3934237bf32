import { useMutation } from '@tanstack/react-query';
import { useFormatter, useTranslations } from 'use-intl';
import type { ApiKey, KeyAction } from '../../../generated/client/types.gen.ts';
import { useAnnounce } from '../parts/announcer.tsx';
import { Failure } from '../parts/failure.tsx';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { labelOf } from './key-name.ts';
import { statusOf } from './key-status.ts';
import { Status } from './key-table.tsx';

/** The actions of the dialog that have their own step. */
export type KeyStep = 'rename' | 'reroll' | 'delete';

function Facts({ of: key }: { of: ApiKey }) {
  const t = useTranslations('keys');
  const never = useTranslations('common')('never');
  const format = useFormatter();
  const moment = (at: number | undefined, otherwise: string) =>
    at === undefined ? otherwise : format.dateTime(new Date(at), { dateStyle: 'medium', timeStyle: 'short' });
  const facts: [label: string, value: React.ReactNode][] = [
    [t('columns.status'), <Status key="status" of={key} />],
    [t('facts.key'), <code key="start">{key.start}</code>],
    [t('facts.keyId'), <code key="id">{key.keyId}</code>],
    [t('columns.created'), moment(key.createdAt, '')],
    [t('facts.updated'), moment(key.updatedAt, '')],
    [t('columns.lastUsed'), moment(key.lastUsedAt, t('neverUsed'))],
    [t('columns.expires'), moment(key.expires, never)],
  ];
  if (key.ratelimit !== undefined) {
    const { limit, duration } = key.ratelimit;
    facts.push([t('facts.ratelimit'), t('facts.ratelimitValue', { limit, seconds: duration / 1000 })]);
  }
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
  may,
  onChanged,
  onStep,
  onClose,
}: {
  of: ApiKey;
  /** The actions on keys of this API that the session allows. */
  may: readonly KeyAction[];
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
  const isLive = statusOf(key, new Date(now())) !== 'expired';
  return (
    <>
      <Facts of={key} />
      {error !== null && <Failure error={error} />}
      <div className="dialog-actions">
        {may.includes('update_key') && (
          <>
            <button type="button" className="button" onClick={() => onStep('rename')}>
              {t('rename.action')}
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
