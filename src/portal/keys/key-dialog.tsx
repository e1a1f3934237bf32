import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ApiKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { AlertDialog } from '../parts/alert-dialog.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CreateKey } from './create-key.tsx';
import { DeleteKey } from './delete-key.tsx';
import { EditKey } from './edit-key.tsx';
import { labelOf } from './key-name.ts';
import { type KeyStep, ManageKey } from './manage-key.tsx';
import { NewKeyDialog } from './new-key.tsx';
import { RerollKey } from './reroll-key.tsx';

/** The step of the dialog: create a key, show a new key, or manage an existing one. */
type Step = { kind: 'create' } | { kind: 'shown'; secret: string } | { kind: 'manage' | KeyStep; key: ApiKey };

const isNonEmpty = <Item,>(items: Item[]): items is [Item, ...Item[]] => items.length > 0;

/** The first step of the dialog: create a key, or manage an existing one. */
export type KeyDialogStart = 'create' | ApiKey;

/**
 * One dialog for all actions on keys. It stays open between the steps, so that the focus stays inside and returns to its
 * origin at the end.
 *
 * @param onChanged called after a change, so that the list can reload
 */
export function KeyDialog({
  start,
  creatable,
  apiOf,
  onChanged,
  onClose,
}: {
  start: KeyDialogStart;
  creatable: VisibleApi[];
  /** The API of a key, if the user can still see it. */
  apiOf: (key: ApiKey) => VisibleApi | undefined;
  onChanged: () => void;
  onClose: () => void;
}) {
  const t = useTranslations('keys');
  const [step, setStep] = useState<Step>(start === 'create' ? { kind: 'create' } : { kind: 'manage', key: start });
  const [copied, setCopied] = useState(false);
  const [asking, setAsking] = useState(false);

  const backTo = useRef<HTMLElement>(null);

  const show = ({ key: secret }: { key: string }) => {
    onChanged();
    setStep({ kind: 'shown', secret });
  };
  const manage = (key: ApiKey) => {
    onChanged();
    setStep({ kind: 'manage', key });
  };

  const title = () => {
    switch (step.kind) {
      case 'create':
        return t('create');
      case 'shown':
        return t('created.title');
      case 'manage':
        return labelOf(step.key);
      default:
        return t(`${step.kind}.title`, { name: labelOf(step.key) });
    }
  };

  const text = () => {
    if (step.kind === 'shown') return t('created.text');
    return step.kind === 'reroll' || step.kind === 'delete' ? t(`${step.kind}.text`) : undefined;
  };

  const content = () => {
    switch (step.kind) {
      case 'create':
        return isNonEmpty(creatable) && <CreateKey apis={creatable} onCreated={show} onCancel={onClose} />;
      case 'shown':
        return <NewKeyDialog secret={step.secret} onCopied={() => setCopied(true)} onDone={onClose} />;
      case 'edit': {
        const api = apiOf(step.key);
        const onCancel = () => setStep({ ...step, kind: 'manage' });
        return api && <EditKey of={step.key} api={api} onSaved={manage} onCancel={onCancel} />;
      }
      case 'reroll':
        return <RerollKey of={step.key} onRerolled={show} onCancel={() => setStep({ ...step, kind: 'manage' })} />;
      case 'delete': {
        const onDeleted = () => {
          // The row that opened the dialog disappears with the key.
          backTo.current = document.getElementById('content');
          onChanged();
          onClose();
        };
        return <DeleteKey of={step.key} onDeleted={onDeleted} onCancel={() => setStep({ ...step, kind: 'manage' })} />;
      }
      case 'manage':
        return (
          <ManageKey
            of={step.key}
            api={apiOf(step.key)}
            onChanged={manage}
            onStep={(kind) => setStep({ kind, key: step.key })}
            onClose={onClose}
          />
        );
    }
  };

  return (
    <Dialog
      title={title()}
      text={text()}
      backTo={backTo}
      onClose={() => (step.kind === 'shown' && !copied ? setAsking(true) : onClose())}
    >
      {content()}
      {asking && (
        <AlertDialog
          title={t('created.leave.title')}
          text={t('created.leave.text')}
          stay={t('created.leave.stay')}
          leave={t('created.leave.leave')}
          onStay={() => setAsking(false)}
          onLeave={onClose}
        />
      )}
    </Dialog>
  );
}
