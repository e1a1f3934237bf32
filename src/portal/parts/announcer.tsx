import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';

/** What a user can do about an announced result: take it back. */
interface Action {
  label: string;
  onAct: () => void;
}

/** Announces a text. Returns a function that takes it back, if nothing else was announced since. */
type Announcing = (text: string, action?: Action) => () => void;

const Announce = createContext<Announcing>(() => () => {});

/** How long an announcement is visible, in ms. */
const visibleMs = 6000;
/** How long one with an action is. The page has the action in another place, too. */
const actionVisibleMs = 15_000;

/** A live region for the result of an action. It is visible for a moment, and screen readers read it. */
export function Announcer({ children }: { children: ReactNode }) {
  // A new object for each announcement: the same text is shown, and read, again.
  const [announcement, setAnnouncement] = useState<{ text: string; number: number; action?: Action | undefined }>({
    text: '',
    number: 0,
  });
  const { text, number, action } = announcement;
  useEffect(() => {
    if (announcement.text === '') return;
    const visible = announcement.action === undefined ? visibleMs : actionVisibleMs;
    const timer = setTimeout(() => setAnnouncement({ text: '', number: 0 }), visible);
    return () => clearTimeout(timer);
  }, [announcement]);
  const announced = useRef(0);
  const announce = useCallback<Announcing>((next, nextAction) => {
    announced.current++;
    const own = announced.current;
    setAnnouncement({ text: next, number: own, action: nextAction });
    return () => setAnnouncement((last) => (last.number === own ? { text: '', number: own } : last));
  }, []);
  return (
    <Announce value={announce}>
      {children}
      {/* Explicit `aria-live`, because modal dialogs hide all other elements except those with this attribute. */}
      <div className="announcement" role="status" aria-live="polite">
        <span key={number}>{text}</span>
        {text !== '' && action !== undefined && (
          <button
            type="button"
            onClick={() => {
              announce('');
              action.onAct();
            }}
          >
            {action.label}
          </button>
        )}
      </div>
    </Announce>
  );
}

/** Announces the result of an action. */
export const useAnnounce = () => useContext(Announce);
