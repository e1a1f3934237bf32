import { useFormatter, useNow } from 'use-intl';

/** How often a relative time is told anew, in ms. */
const updateEveryMs = 60_000;

/** A moment as people say it, "3 hours ago", with the whole date behind it. In the user's language and time zone. */
export function Moment({ at }: { at: number }) {
  const format = useFormatter();
  const now = useNow({ updateInterval: updateEveryMs });
  const date = new Date(at);
  // A clock that goes behind must not say that what has just happened is to come.
  const soon = Math.abs(at - now.getTime()) < 5000 ? now : date;
  return (
    <time dateTime={date.toISOString()} title={format.dateTime(date, { dateStyle: 'full', timeStyle: 'long' })}>
      {format.relativeTime(soon, now)}
    </time>
  );
}

/** A day, such as "Nov 24, 2026". */
export function Day({ at }: { at: number }) {
  const format = useFormatter();
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={format.dateTime(date, { dateStyle: 'full', timeStyle: 'long' })}>
      {format.dateTime(date, { dateStyle: 'medium' })}
    </time>
  );
}
