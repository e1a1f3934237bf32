import { useFormatter, useNow } from 'use-intl';

/** How often a relative time is updated, in ms. */
const updateEveryMs = 60_000;

/** A relative time such as "3 hours ago", with the full date as its title. In the user's language and time zone. */
export function RelativeTime({ at }: { at: number }) {
  const format = useFormatter();
  const now = useNow({ updateInterval: updateEveryMs });
  const date = new Date(at);
  // If the browser's clock is slow, a past event must not appear in the future.
  const soon = Math.abs(at - now.getTime()) < 5000 ? now : date;
  return (
    <time dateTime={date.toISOString()} title={format.dateTime(date, { dateStyle: 'full', timeStyle: 'long' })}>
      {format.relativeTime(soon, now)}
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
