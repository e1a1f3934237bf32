import * as RadixDialog from '@radix-ui/react-dialog';
import type { ReactNode, RefObject } from 'react';
import { useFocusBack } from './focus-back.ts';

/**
 * A modal dialog: it takes the focus, keeps it, closes with Escape and gives the focus back (WAI-ARIA dialog pattern).
 *
 * @param onClose called for whatever would close it; it stays open until its owner says otherwise
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
  /** Where the focus goes in the end, where what had it before is gone by then. */
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
          // A click beside it is too easily a slip: what was typed, or a key shown once, would be gone.
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
