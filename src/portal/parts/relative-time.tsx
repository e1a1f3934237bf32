import { useEffect, useReducer } from 'react';
import { useFormatter } from 'use-intl';
import { now } from '../server/clock.ts';

/** How often a relative time is updated, in ms. */
const updateEveryMs = 60_000;

/**
 * The present time by the server's clock. It moves on while the component is shown: with each render, each minute, and
 * when `change` has passed.
 *
 * @param change when the component will show something else, in Unix ms
 */
export function usePresent(change?: number): Date {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const shown = now();
  // Each render starts the timer again. Time may pass between a render and its effect.
  useEffect(() => {
    const isBefore = change !== undefined && change > shown;
    const timer = setTimeout(render, isBefore ? Math.min(change - now(), updateEveryMs) : updateEveryMs);
    return () => clearTimeout(timer);
  });
  return new Date(shown);
}

/** A relative time such as "3 hours ago", with the full date as its title. In the user's language and time zone. */
export function RelativeTime({ at }: { at: number }) {
  const format = useFormatter();
  const present = usePresent();
  const date = new Date(at);
  // The server's time is known to about a second: a past event must not appear in the future.
  const soon = Math.abs(at - present.getTime()) < 5000 ? present : date;
  return (
    <time dateTime={date.toISOString()} title={format.dateTime(date, { dateStyle: 'full', timeStyle: 'long' })}>
      {format.relativeTime(soon, present)}
    </time>
  );
}

/** A date, such as "Nov 24, 2026". */
export function Day({ at }: { at: number }) {
  const format = useFormatter();
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={format.dateTime(date, { dateStyle: 'full', timeStyle: 'long' })}>
      {format.dateTime(date, { dateStyle: 'medium' })}
    </time>
  );
}
