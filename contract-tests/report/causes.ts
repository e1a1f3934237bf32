/** Groups failures, because one mistake of a server can break hundreds of promises. */
import type { CheckResult } from '../index.ts';

/** The failures with one cause. */
export interface Cause {
  /** The message that they share, with the differing parts left out. */
  message: string;
  results: [CheckResult, ...CheckResult[]];
}

/** A message without what differs from check to check: texts in quotes, ids, numbers. */
const common = (message: string): string =>
  message
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(/\b[a-z]+_[\w-]{8,}/g, '…')
    .replaceAll(/\/\d+\b/g, '/n')
    .replaceAll(/\b\d{4,}\b/g, 'n');

/** The failed checks by the first thing that is wrong, most frequent first. */
export function causesOf(results: CheckResult[]): Cause[] {
  const groups = Map.groupBy(
    results.filter(({ outcome }) => outcome === 'failed'),
    ({ failures }) => common(failures[0] ?? 'broken'),
  );
  return [...groups]
    .map(([message, own]): Cause => ({ message, results: own as Cause['results'] }))
    .sort((a, b) => b.results.length - a.results.length);
}
