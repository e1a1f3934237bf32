import type { CheckResult } from '../index.ts';

/** The kinds of promises, as reports show them. */
export const kinds = [
  'response',
  'error',
  'header',
  'exact text',
  'bounds',
  'request rule',
  'sequence',
  'public page',
] as const;

const ofParts = { header: 'header', text: 'exact text', bound: 'bounds' } as const;

/** The kind of a result's promise. */
export function kindOf({ kind, status, source }: CheckResult): (typeof kinds)[number] {
  if (kind === 'header' || kind === 'text' || kind === 'bound') return ofParts[kind];
  if (source !== undefined) return 'public page';
  if (kind === 'flow') return 'sequence';
  if (kind === 'constraint') return 'request rule';
  return status < 400 ? 'response' : 'error';
}

/** What is promised, and what of it held: a check that is skipped is a promise that nobody has seen held. */
export function promisedAndHeld(results: readonly CheckResult[]): { promised: number; held: number } {
  const held = results.filter(({ outcome }) => outcome === 'passed' || outcome === 'unexpected').length;
  return { promised: results.length, held };
}
