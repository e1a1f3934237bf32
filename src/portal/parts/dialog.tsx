import * as RadixDialog from '@radix-ui/react-dialog';
import type { ReactNode, RefObject } from 'react';
import { useFocusBack } from './focus-back.ts';

/**
 * A modal dialog: it traps the focus, closes with Escape and restores the focus (WAI-ARIA dialog pattern).
 *
 * @param onClose called for every request to close; the dialog stays open until its owner removes it
 */
export function Dialog({
  title,
  text,
  backTo,
  onClose,
  children,
}: {
  title: string;
  text?: string | undefined;
  /** Returns the element to focus after closing, if the previous one no longer exists. */
  backTo?: RefObject<HTMLElement | null>;
  onClose: () => void;
  children: ReactNode;
}) {
  const focusBack = useFocusBack(backTo);
  return (
    <RadixDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="dialog-overlay appears" />
        <RadixDialog.Content
          className="dialog appears"
          onCloseAutoFocus={focusBack}
          // A click outside is easily a mistake. It would lose typed text, or a key that is shown only once.
          onInteractOutside={(event) => event.preventDefault()}
          {...(text === undefined && { 'aria-describedby': undefined })}
        >
          <RadixDialog.Title>{title}</RadixDialog.Title>
          {text !== undefined && <RadixDialog.Description>{text}</RadixDialog.Description>}
          {children}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
