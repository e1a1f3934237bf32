import { type RefObject, useEffect, useRef } from 'react';

/** Focuses an element when it mounts: the first field of a step in an open dialog. */
export function useFirstFocus<Focusable extends HTMLElement>(): RefObject<Focusable | null> {
  const first = useRef<Focusable>(null);
  useEffect(() => {
    first.current?.focus();
  }, []);
  return first;
}
