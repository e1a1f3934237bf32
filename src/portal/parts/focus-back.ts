import { type RefObject, useState } from 'react';

/**
 * Where the focus goes when a dialog closes: to where it was when the dialog came, or to what `backTo` names by then,
 * where that place is gone. For the dialogs' `onCloseAutoFocus`, which knows of a trigger alone.
 */
export function useFocusBack(backTo?: RefObject<HTMLElement | null>): (event: Event) => void {
  const [origin] = useState(() => document.activeElement);
  return (event) => {
    event.preventDefault();
    const target = backTo?.current ?? origin;
    if (target instanceof HTMLElement) target.focus();
  };
}
