import { type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';

/** The distance to the button and to the edge of the window, in px. */
const gap = 4;

/** What opens at a button, and the button. */
interface Popover {
  id: string;
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  /** Closes it and returns the focus to the button. */
  close: () => void;
  button: RefObject<HTMLButtonElement | null>;
  panel: RefObject<HTMLDivElement | null>;
}

/**
 * Places a panel below its button, or above it if there is no room, and closes it when the user goes elsewhere. The native popover would do most
 * of this, but some supported browsers do not have it.
 */
export function usePopover(): Popover {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const [anchor, own] = [button.current?.getBoundingClientRect(), panel.current];
    if (!isOpen || anchor === undefined || own === null) return;
    const fits = anchor.bottom + gap + own.offsetHeight <= window.innerHeight - gap;
    const top = fits ? anchor.bottom + gap : Math.max(gap, anchor.top - gap - own.offsetHeight);
    const isRightToLeft = getComputedStyle(own).direction === 'rtl';
    const left = isRightToLeft ? anchor.left : anchor.right - own.offsetWidth;
    own.style.top = `${top}px`;
    own.style.left = `${Math.max(gap, Math.min(left, window.innerWidth - own.offsetWidth - gap))}px`;
  }, [isOpen]);

  useEffect(() => {
    if (!isOpen) return;
    const openedAt = button.current?.getBoundingClientRect().top;
    const leave = (event: Event) => {
      const isInside = [panel.current, button.current].some((part) => part?.contains(event.target as Node));
      if (!isInside) setOpen(false);
    };
    const hide = () => setOpen(false);
    // It stays where it is while the page below moves. The event of a movement before the click comes after it.
    const hideIfMoved = () => {
      if (button.current?.getBoundingClientRect().top !== openedAt) hide();
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('scroll', hideIfMoved, true);
    window.addEventListener('resize', hide);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('scroll', hideIfMoved, true);
      window.removeEventListener('resize', hide);
    };
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    button.current?.focus({ preventScroll: true });
  };
  return { id, isOpen, setOpen, close, button, panel };
}
