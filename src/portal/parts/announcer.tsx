import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

const Announce = createContext<(text: string) => void>(() => {});

/** How long an announcement is visible, in ms. */
const visibleMs = 6000;

/** A live region for the result of an action. It is visible for a moment, and screen readers read it. */
export function Announcer({ children }: { children: ReactNode }) {
  const [text, setText] = useState('');
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(() => setText(''), visibleMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Announce value={useCallback((next: string) => setText(next), [])}>
      {children}
      {/* Explicit `aria-live`, because modal dialogs hide all other elements except those with this attribute. */}
      <div className="announcement" role="status" aria-live="polite">
        {text}
      </div>
    </Announce>
  );
}

/** Announces the result of an action. */
export const useAnnounce = () => useContext(Announce);
