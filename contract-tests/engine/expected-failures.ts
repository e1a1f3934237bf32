import { titleOf } from './check.ts';
import { SuiteError } from './preflight.ts';
import type { CheckResult } from './run-check.ts';

/** The checks that are known to fail: the title of each, and why it fails; the reason can be empty. */
export type ExpectedFailures = ReadonlyMap<string, string>;

/**
 * Reads a list of checks that are known to fail: `operation › promise` in each line, and after ` # ` why, if known. Empty lines and lines
 * that begin with `#` do not count.
 *
 * @throws SuiteError if a check is in the list twice
 */
export function parseExpectedFailures(text: string): ExpectedFailures {
  const list = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    // Only spaces: a promise can contain other white space.
    const [title = '', ...reason] = line.replaceAll(/^[ \t]+|[ \t]+$/g, '').split(/[ \t]+#[ \t]+/);
    if (title === '' || title.startsWith('#')) continue;
    if (list.has(title)) throw new SuiteError(`the list of expected failures names a check twice: ${title}`);
    list.set(title, reason.join(' # '));
  }
  return list;
}

/** The title of a result: `operation › promise`. */
export const titleOfResult = ({ operation, promise }: Pick<CheckResult, 'operation' | 'promise'>): string =>
  titleOf({ operation, name: promise });

/**
 * Compares the list with the checks that there are.
 *
 * @throws SuiteError that names those that do not exist
 */
export function refuseUnknownChecks(list: ExpectedFailures, titles: ReadonlySet<string>): void {
  const unknown = [...list.keys()].filter((title) => !titles.has(title));
  if (unknown.length > 0)
    throw new SuiteError(`the list of expected failures names checks that do not exist:\n  ${unknown.join('\n  ')}`);
}

/** What the list makes of a result: a listed check that fails is expected, and one that passes is not. */
export function judgeByList(result: CheckResult, list: ExpectedFailures): CheckResult {
  const reason = list.get(titleOfResult(result));
  if (reason === undefined || result.outcome === 'skipped') return result;
  if (result.outcome === 'failed') return { ...result, outcome: 'expected', ...(reason && { reason }) };
  return {
    ...result,
    outcome: 'unexpected',
    failures: ['it passed, and the list of expected failures says that it fails'],
  };
}
