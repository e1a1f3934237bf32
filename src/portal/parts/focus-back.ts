import { type RefObject, useState } from 'react';

/**
 * Restores the focus when a dialog closes: to the element that had it before, or to the element of `backTo` if that one no
 * longer exists. For `onCloseAutoFocus` of the dialogs, which supports only triggers.
 */
export function useFocusBack(backTo?: RefObject<HTMLElement | null>): (event: Event) => void {
  const [origin] = useState(() => document.activeElement);
  return (event) => {
    event.preventDefault();
    const target = backTo?.current ?? origin;
    if (target instanceof HTMLElement) target.focus();
  };
}
