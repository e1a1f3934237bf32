import * as RadixDialog from '@radix-ui/react-dialog';
import type { ReactNode, RefObject } from 'react';
import { useTranslations } from 'use-intl';
import { useFocusBack } from './focus-back.ts';
import { Icon } from './icon.tsx';

/**
 * A modal dialog in the middle of the window, or a sheet at its side: it traps the focus, closes with Escape and restores the focus (WAI-ARIA dialog pattern).
 *
 * @param onClose called for every request to close; the dialog stays open until its owner removes it
 */
export function Dialog({
  title,
  text,
  as = 'dialog',
  backTo,
  onClose,
  children,
}: {
  title: string;
  text?: ReactNode;
  /** A sheet shows something, so it closes with a click outside. A dialog asks for something. */
  as?: 'dialog' | 'sheet';
  /** Returns the element to focus after closing, if the previous one no longer exists. */
  backTo?: RefObject<HTMLElement | null>;
  onClose: () => void;
  children: ReactNode;
}) {
  const close = useTranslations('common')('close');
  const focusBack = useFocusBack(backTo);
  return (
    <RadixDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="dialog-overlay appears" />
        <RadixDialog.Content
          className={as === 'sheet' ? 'dialog sheet' : 'dialog appears'}
          onCloseAutoFocus={focusBack}
          // A click outside is easily a mistake. It would lose typed text, or a key that is shown only once.
          onInteractOutside={(event) => {
            const { target } = event;
            // The action of a message is gone once it was chosen.
            const isInMessage =
              target instanceof Element && (!target.isConnected || target.closest('.announcement') !== null);
            if (as === 'dialog' || isInMessage) event.preventDefault();
          }}
          {...(text === undefined && { 'aria-describedby': undefined })}
        >
          <div className="dialog-head">
            <div>
              <RadixDialog.Title>
                <bdi>{title}</bdi>
              </RadixDialog.Title>
              {text !== undefined && <RadixDialog.Description>{text}</RadixDialog.Description>}
            </div>
            {as === 'sheet' && (
              <RadixDialog.Close className="icon-button" title={close}>
                <Icon name="x" />
                <span className="visually-hidden">{close}</span>
              </RadixDialog.Close>
            )}
          </div>
          {children}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
