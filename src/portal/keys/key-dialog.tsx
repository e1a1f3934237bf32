import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ApiKey, ListedKey, VisibleApi } from '../../../generated/client/types.gen.ts';
import { AlertDialog } from '../parts/alert-dialog.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CreateKey } from './create-key.tsx';
import { DeleteKey } from './delete-key.tsx';
import { EditKey } from './edit-key.tsx';
import { labelOf, useNameOf } from './key-name.ts';
import { type KeyStep, ManageKey } from './manage-key.tsx';
import { NewKeyDialog } from './new-key.tsx';
import { RerollKey } from './reroll-key.tsx';

/** The step of the dialog: create a key, show a new key, or manage an existing one. */
type Step =
  | { kind: 'create' }
  | { kind: 'shown'; secret: string; name: string | undefined; replaced?: { start: string; end: number } }
  | { kind: 'manage' | KeyStep; key: ListedKey };

const isNonEmpty = <Item,>(items: Item[]): items is [Item, ...Item[]] => items.length > 0;

/** The first step of the dialog: create a key, show an existing one, or do something with it. */
export type KeyDialogStart = 'create' | { key: ListedKey; step: KeyStep | undefined };

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
  const nameOf = useNameOf();
  const [step, setStep] = useState<Step>(
    start === 'create' ? { kind: 'create' } : { kind: start.step ?? 'manage', key: start.key },
  );
  /** Whether the new key was copied or downloaded. */
  const [stored, setStored] = useState(false);
  const [asking, setAsking] = useState(false);

  const backTo = useRef<HTMLElement>(null);

  /** Whether the dialog began with the step that is shown, so that there are no details to go back to. */
  const isDirect = start !== 'create' && start.step !== undefined;

  /** Whether a form has input that is not sent. */
  const [isDirty, setDirty] = useState(false);
  const onDirty = () => setDirty(true);
  const leaving = step.kind === 'shown' ? 'created.leave' : 'discard';
  const isLosing = step.kind === 'shown' ? !stored : isDirty;

  /** Closes the dialog, if nothing is lost or the user agrees. */
  const close = () => (isLosing ? setAsking(true) : onClose());

  const show = (secret: string, name: string | undefined, replaced?: { start: string; end: number }) => {
    onChanged();
    setStep({ kind: 'shown', secret, name, ...(replaced !== undefined && { replaced }) });
  };
  /** Shows a changed key. Its usage is that of the list. */
  const manage = (before: ListedKey, key: ApiKey) => {
    setDirty(false);
    onChanged();
    if (isDirect) onClose();
    else setStep({ kind: 'manage', key: { ...(before.usage !== undefined && { usage: before.usage }), ...key } });
  };
  const back = (key: ListedKey) => {
    setDirty(false);
    if (isDirect) onClose();
    else setStep({ kind: 'manage', key });
  };

  const title = () => {
    switch (step.kind) {
      case 'create':
        return t('create');
      case 'shown':
        return t('created.title');
      case 'manage':
        return nameOf(step.key);
      default:
        return t(`${step.kind}.title`, { name: labelOf(step.key) });
    }
  };

  const text = () => {
    if (step.kind === 'shown')
      return t('created.text', { hasName: String(step.name !== undefined), name: step.name ?? '' });
    if (step.kind === 'manage') return <code className="start">{step.key.start}</code>;
    return step.kind === 'reroll' || step.kind === 'delete' ? t(`${step.kind}.text`) : undefined;
  };

  const content = () => {
    switch (step.kind) {
      case 'create':
        return (
          isNonEmpty(creatable) && (
            <CreateKey
              apis={creatable}
              onCreated={({ key }, name) => show(key, name)}
              onDirty={onDirty}
              onCancel={onClose}
            />
          )
        );
      case 'shown':
        return (
          <NewKeyDialog secret={step.secret} replaced={step.replaced} onStored={() => setStored(true)} onDone={close} />
        );
      case 'edit': {
        const api = apiOf(step.key);
        const { key } = step;
        return (
          api && (
            <EditKey
              of={key}
              api={api}
              onSaved={(saved) => manage(key, saved)}
              onDirty={onDirty}
              onCancel={() => back(key)}
            />
          )
        );
      }
      case 'reroll':
        return (
          <RerollKey
            of={step.key}
            policy={apiOf(step.key)?.policy}
            onRerolled={({ key }, end) => show(key, step.key.name, { start: step.key.start, end })}
            onCancel={() => back(step.key)}
          />
        );
      case 'delete': {
        const onDeleted = () => {
          // The row that opened the dialog disappears with the key.
          backTo.current = document.getElementById('content');
          onChanged();
          onClose();
        };
        return <DeleteKey of={step.key} onDeleted={onDeleted} onCancel={() => back(step.key)} />;
      }
      case 'manage':
        return (
          <ManageKey
            of={step.key}
            api={apiOf(step.key)}
            onChanged={(changed) => manage(step.key, changed)}
            onStep={(kind) => setStep({ kind, key: step.key })}
            onOpen={(key) => setStep({ kind: 'manage', key })}
          />
        );
    }
  };

  return (
    <Dialog
      title={title()}
      text={text()}
      as={step.kind === 'manage' || step.kind === 'edit' ? 'sheet' : 'dialog'}
      backTo={backTo}
      onClose={close}
    >
      {content()}
      {asking && (
        <AlertDialog
          title={t(`${leaving}.title`)}
          text={t(`${leaving}.text`)}
          stay={t(`${leaving}.stay`)}
          leave={t(`${leaving}.leave`)}
          onStay={() => setAsking(false)}
          onLeave={onClose}
        />
      )}
    </Dialog>
  );
}
