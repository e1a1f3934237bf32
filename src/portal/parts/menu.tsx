import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { Icon, type IconName } from './icon.tsx';

export interface MenuItem {
  label: string;
  icon: IconName;
  /** A step that cannot be undone: behind a line, and in the colour of a warning. */
  isFinal?: boolean;
  onSelect: () => void;
}

/** The distance to the button and to the edge of the window, in px. */
const gap = 4;

/**
 * The actions on something, behind a button with three dots (WAI-ARIA menu button pattern). The native popover would do most of this, but
 * some supported browsers do not have it.
 */
export function Menu({ label, items }: { label: string; items: readonly MenuItem[] }) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const entries = () => [...(list.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  const close = () => {
    setOpen(false);
    button.current?.focus({ preventScroll: true });
  };

  useLayoutEffect(() => {
    const [anchor, own] = [button.current?.getBoundingClientRect(), list.current];
    if (!isOpen || anchor === undefined || own === null) return;
    const fits = anchor.bottom + gap + own.offsetHeight <= window.innerHeight - gap;
    const top = fits ? anchor.bottom + gap : Math.max(gap, anchor.top - gap - own.offsetHeight);
    const isRightToLeft = getComputedStyle(own).direction === 'rtl';
    const left = isRightToLeft ? anchor.left : anchor.right - own.offsetWidth;
    own.style.top = `${top}px`;
    own.style.left = `${Math.max(gap, Math.min(left, window.innerWidth - own.offsetWidth - gap))}px`;
    own.querySelector<HTMLElement>('[role=menuitem]')?.focus({ preventScroll: true });
  }, [isOpen]);

  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: Event) => {
      const isInside = [list.current, button.current].some((part) => part?.contains(event.target as Node));
      if (!isInside) setOpen(false);
    };
    const hide = () => setOpen(false);
    document.addEventListener('pointerdown', leave);
    // It stays where it is while the page below moves.
    document.addEventListener('scroll', hide, true);
    window.addEventListener('resize', hide);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('scroll', hide, true);
      window.removeEventListener('resize', hide);
    };
  }, [isOpen]);

  function onKeyDown(event: KeyboardEvent): void {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      all.at(next % all.length)?.focus({ preventScroll: true });
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close();
    }
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className="icon-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        {...(isOpen && { 'aria-controls': id })}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        <Icon name="ellipsis" />
      </button>
      {isOpen && (
        <div
          ref={list}
          id={id}
          role="menu"
          tabIndex={-1}
          aria-label={label}
          className="menu appears"
          onKeyDown={onKeyDown}
        >
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={item.isFinal === true ? 'final' : undefined}
              onClick={() => {
                // First the focus: a dialog returns it to the element that has it when it opens.
                close();
                item.onSelect();
              }}
            >
              <Icon name={item.icon} />
              {item.label}
            </button>
          ))}
        </div>
      )}
    </>
  );
}
