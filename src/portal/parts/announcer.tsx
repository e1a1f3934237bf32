import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

const Announce = createContext<(text: string) => void>(() => {});

/** How long an announcement is visible, in ms. */
const visibleMs = 6000;

/** A live region for the result of an action. It is visible for a moment, and screen readers read it. */
export function Announcer({ children }: { children: ReactNode }) {
  // A new object for each announcement: the same text is shown, and read, again.
  const [announcement, setAnnouncement] = useState({ text: '', number: 0 });
  const { text, number } = announcement;
  useEffect(() => {
    if (announcement.text === '') return;
    const timer = setTimeout(() => setAnnouncement({ text: '', number: 0 }), visibleMs);
    return () => clearTimeout(timer);
  }, [announcement]);
  const announce = useCallback(
    (next: string) => setAnnouncement((last) => ({ text: next, number: last.number + 1 })),
    [],
  );
  return (
    <Announce value={announce}>
      {children}
      {/* Explicit `aria-live`, because modal dialogs hide all other elements except those with this attribute. */}
      <div className="announcement" role="status" aria-live="polite">
        <span key={number}>{text}</span>
      </div>
    </Announce>
  );
}

/** Announces the result of an action. */
export const useAnnounce = () => useContext(Announce);
