import * as RadixAlertDialog from '@radix-ui/react-alert-dialog';
import { useFocusBack } from './focus-back.ts';

/** A confirmation that blocks the page (WAI-ARIA alert dialog pattern). The safe button has the focus. */
export function AlertDialog({
  title,
  text,
  stay,
  leave,
  onStay,
  onLeave,
}: {
  title: string;
  text: string;
  stay: string;
  leave: string;
  onStay: () => void;
  onLeave: () => void;
}) {
  const focusBack = useFocusBack();
  return (
    <RadixAlertDialog.Root open onOpenChange={(open) => !open && onStay()}>
      <RadixAlertDialog.Portal>
        <RadixAlertDialog.Overlay className="dialog-overlay alert-dialog appears" />
        <RadixAlertDialog.Content className="dialog alert-dialog appears" onCloseAutoFocus={focusBack}>
          <div className="dialog-head">
            <div>
              <RadixAlertDialog.Title>{title}</RadixAlertDialog.Title>
              <RadixAlertDialog.Description>{text}</RadixAlertDialog.Description>
            </div>
          </div>
          <div className="dialog-actions">
            <button type="button" className="button" onClick={onLeave}>
              {leave}
            </button>
            <RadixAlertDialog.Cancel className="button primary">{stay}</RadixAlertDialog.Cancel>
          </div>
        </RadixAlertDialog.Content>
      </RadixAlertDialog.Portal>
    </RadixAlertDialog.Root>
  );
}
