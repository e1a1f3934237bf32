import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

const Announce = createContext<(text: string) => void>(() => {});

/** How long an announcement stands on the screen, in ms. */
const shownForMs = 6000;

/** One live region for what has just happened, on the screen for a moment and read out by screen readers. */
export function Announcer({ children }: { children: ReactNode }) {
  const [text, setText] = useState('');
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(() => setText(''), shownForMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Announce value={useCallback((next: string) => setText(next), [])}>
      {children}
      {/* Said in so many words, by which modal dialogs know that it is not to be hidden behind them. */}
      <div className="announcement" role="status" aria-live="polite">
        {text}
      </div>
    </Announce>
  );
}

/** Says what has just happened. */
export const useAnnounce = () => useContext(Announce);
