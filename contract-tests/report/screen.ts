/** What the command prints. */
import type { Cleaned } from '../engine/clean.ts';
import { titleOfResult } from '../engine/expected-failures.ts';
import { notImplementedResult } from '../engine/run-check.ts';
import { notImplemented } from '../engine/target.ts';
import type { CheckResult, ConformanceReport, ListedCheck } from '../index.ts';
import { brief } from './brief.ts';
import { type Cause, causesOf } from './causes.ts';
import { countsOf, shareRun } from './counts.ts';
import { placeOf } from './place.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Prints a character for each check, 80 per line. Checks of operations that are not there are not worth a character. */
export function progress(): (result: CheckResult) => void {
  let column = 0;
  return ({ outcome, operation, reason }) => {
    if (reason === notImplemented(operation)) return;
    process.stdout.write({ passed: '.', failed: 'F', skipped: 's', expected: 'x', unexpected: 'U' }[outcome]);
    if (++column % 80 === 0) process.stdout.write('\n');
  };
}

/** How many causes are printed with an example, how many failures it names, and how many checks of each cause. */
const [mostCauses, mostFailures, mostNames] = [5, 3, 3];

/** How many lines a list has, such as that of the reasons to skip checks. A broken target fills a screen or two. */
const mostLines = 6;

/** How many operations have a row of their own in the summary. */
const mostRows = 10;

/** Prints the first lines, and how many others there are. */
function sayFirst(lines: readonly string[], what: string): void {
  for (const line of lines.slice(0, mostLines)) say(line);
  if (lines.length > mostLines) say(`${lines.length - mostLines} more ${what}: see --report`);
}

/** The results by their reasons, most frequent first. */
const byReason = (results: CheckResult[]): [reason: string | undefined, own: CheckResult[]][] =>
  [...Map.groupBy(results, ({ reason }) => reason)].sort(([, a], [, b]) => b.length - a.length);

function showFailure({ operation, promise, failures, sent, received, promised, ...result }: CheckResult): void {
  say(`\nBROKEN  ${operation} › ${promise}`);
  for (const failure of failures.slice(0, mostFailures)) say(`  ${failure}`);
  if (failures.length > mostFailures) say(`  … and ${failures.length - mostFailures} more: see --report`);
  say(`  sent      ${brief(sent ?? 'no request', 'in the file of --report')}`);
  say(`  received  ${received ?? 'no response'}`);
  say(`  promised  ${promised ?? ''}`);
  if (placeOf(result) !== '') say(`  source    ${placeOf(result)}`);
}

function showCause({ message, results }: Cause): void {
  const [first, ...others] = results;
  showFailure(first);
  if (others.length === 0) return;
  say(`  and ${others.length} more with the same cause (${message}):`);
  for (const result of others.slice(0, mostNames)) say(`    ${titleOfResult(result)}`);
  if (others.length > mostNames) say(`    … and ${others.length - mostNames} more: see --report`);
}

/** Whether the list of expected failures has the operation as one that is not there. */
const isExpected = (results: CheckResult[], operation: string): boolean =>
  results.some(
    (result) =>
      titleOfResult(result) === titleOfResult(notImplementedResult(operation)) && result.outcome === 'expected',
  );

/** Prints the operations that are missing, and the failures by their causes. */
export function showBroken({ results, notImplemented: missing }: ConformanceReport): void {
  const absent = missing.filter((name) => !isExpected(results, name));
  sayFirst(
    absent.map((operation) => {
      const skipped = results.filter((result) => result.operation === operation && result.outcome === 'skipped').length;
      return `not implemented: ${operation} (${skipped} of its checks are skipped)`;
    }),
    'operations are not implemented',
  );
  const unexpected = results.filter(({ outcome }) => outcome === 'unexpected');
  if (unexpected.length > 0) say('\nRemove these from the list of expected failures:');
  sayFirst(
    unexpected.map((result) => `PASSED  ${titleOfResult(result)}`),
    'checks passed unexpectedly',
  );
  const causes = causesOf(results.filter(({ operation }) => !missing.includes(operation)));
  for (const cause of causes.slice(0, mostCauses)) showCause(cause);
  const rest = causes.slice(mostCauses);
  const checks = rest.reduce((sum, cause) => sum + cause.results.length, 0);
  if (rest.length > 0) say(`\n${rest.length} more causes of ${checks} failures: see --report`);
}

/** Prints what the contract does not document, once for each operation. */
function showWarnings({ results }: ConformanceReport): void {
  const lines = results.flatMap(({ operation, warnings = [] }) =>
    warnings.map((text) => `warning ${operation}: ${text}`),
  );
  sayFirst([...new Set(lines)], 'warnings');
}

/** Prints the failures that were expected, by the reasons that the list gives. */
function showExpected({ results }: ConformanceReport): void {
  const expected = results.filter(({ outcome }) => outcome === 'expected');
  sayFirst(
    byReason(expected).map(([reason = 'no reason is given', own]) => `expected ${own.length}: ${reason}`),
    'reasons of expected failures',
  );
}

function showCleaned({ portals, apis, users, sessions, left }: Cleaned): void {
  say(`Deleted ${portals} portals, ${apis} APIs, ${users} users, and ${sessions} sessions of other users.`);
  sayFirst(
    left.map((line) => `not deleted  ${line}`),
    'are not deleted',
  );
}

/** The operations in rows: those with most failures first, then those with most skipped checks. What has no row of its own shares the last one. */
function rowsOf(results: CheckResult[]): [name: string, own: CheckResult[]][] {
  const count = (own: CheckResult[], ...outcomes: string[]) =>
    own.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const rows = [...Map.groupBy(results, ({ operation }) => operation)].sort(
    ([, a], [, b]) =>
      count(b, 'failed', 'unexpected') - count(a, 'failed', 'unexpected') || count(b, 'skipped') - count(a, 'skipped'),
  );
  if (rows.length <= mostRows) return rows;
  const others = rows.slice(mostRows - 1);
  return [...rows.slice(0, mostRows - 1), [`${others.length} other operations`, others.flatMap(([, own]) => own)]];
}

/** Prints the operations in a table, then the skipped checks by reason. */
export function showSummary(report: ConformanceReport): void {
  const columns = { passed: 8, failed: 8, skipped: 9, expected: 10, unexpected: 12 };
  const used = Object.entries(columns).filter(([name], i) => i < 3 || report[name as keyof typeof columns] > 0);
  say(`\n${'operation'.padEnd(28)}${used.map(([name, width]) => name.padStart(width)).join('')}`);
  for (const [name, own] of rowsOf(report.results.filter((one) => !report.notImplemented.includes(one.operation)))) {
    const count = (outcome: string) => String(own.filter((result) => result.outcome === outcome).length);
    say(`${name.padEnd(28)}${used.map(([column, width]) => count(column).padStart(width)).join('')}`);
  }
  const skipped = report.results.filter(
    ({ outcome, operation }) => outcome === 'skipped' && !report.notImplemented.includes(operation),
  );
  sayFirst(
    byReason(skipped).map(([reason, own]) => `skipped ${own.length}: ${reason}`),
    'reasons of skipped checks',
  );
  showExpected(report);
  showWarnings(report);
  say(`\nThe suite ran ${shareRun(report)} of the checks, with --seed ${report.seed}.`);
  if (report.cleaned !== undefined) showCleaned(report.cleaned);
  say(countsOf(report));
}

/** Prints a line per check: its title, its profile, whether it writes, and its source, separated by tabs. */
export function showChecks(checks: ListedCheck[]): void {
  for (const check of checks)
    say([titleOfResult(check), check.profile, check.writes ? 'writes' : 'only reads', placeOf(check)].join('\t'));
}
