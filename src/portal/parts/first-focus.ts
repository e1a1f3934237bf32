import { type RefObject, useEffect, useRef } from 'react';

/** Gives the focus to an element when it comes: the first field of a step in a dialog that stays open. */
export function useFirstFocus<Focusable extends HTMLElement>(): RefObject<Focusable | null> {
  const first = useRef<Focusable>(null);
  useEffect(() => first.current?.focus(), []);
  return first;
}
