/** The periods of quotas by the calendars of their time zones. */
import { LRUCache } from 'lru-cache';
import type { Periods } from '../../store/usage.ts';
import { type CalendarUnit, clockOf, endOf, startOf } from '../time-zone.ts';

/** How many names of periods a process remembers, of more than 400 time zones. */
const maxNames = 500;

const known = new LRUCache<string, Periods>({ max: maxNames });
const clocks = new LRUCache<string, ReturnType<typeof clockOf>>({ max: maxNames });

function periodsAt(name: string, at: number): Periods {
  const [period = '', timeZone = ''] = name.split(',');
  const unit = period as CalendarUnit;
  const clock = clocks.get(timeZone) ?? clockOf(timeZone);
  clocks.set(timeZone, clock);
  const end = endOf(clock, unit, at);
  return { start: startOf(clock, unit, at), end, nextEnd: endOf(clock, unit, end) };
}

/**
 * A period and the one after it.
 *
 * @param name `<period>,<time zone>`
 * @param at a time in the first one, in Unix ms. Without it, the periods are those around the present, by the clock of this process:
 *   far enough from their ends that another clock may differ by half an hour
 */
export function periodsOf(name: string, at?: number): Periods {
  const before = known.get(name);
  const now = Date.now();
  if (at === undefined && before !== undefined && now < before.end + (before.nextEnd - before.end) / 2) return before;
  const periods = periodsAt(name, at ?? now);
  known.set(name, periods);
  return periods;
}
