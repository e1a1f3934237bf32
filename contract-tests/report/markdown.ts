import { titleOfResult } from '../engine/expected-failures.ts';
import type { CheckResult, ConformanceReport } from '../index.ts';
import { brief } from './brief.ts';
import { countsOf, shareRun } from './counts.ts';
import { placeOf } from './place.ts';

const cell = (text = '') => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const failureRow = ({ operation, promise, failures, sent, received, promised, ...result }: CheckResult) => [
  operation,
  promise,
  failures.join('; '),
  // In one line: a table has no others.
  brief((sent ?? '').replaceAll(' \\\n  ', ' '), 'at the end of this report'),
  received ?? '',
  promised ?? '',
  placeOf(result),
];

/** A command in a block that nothing in it ends. */
function block(command: string): string {
  const longest = Math.max(2, ...[...command.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sh\n${command}\n${fence}`;
}

/** The requests of failures, whole. */
const commands = (results: CheckResult[]): string[] => {
  const sent = results.filter((result) => result.sent !== undefined);
  if (sent.length === 0) return [];
  return ['## Commands', ...sent.flatMap((result) => [`${cell(titleOfResult(result))}:`, block(result.sent ?? '')])];
};

/** A title and a table, or nothing if there are no rows. */
const section = <T>(title: string, head: string[], items: T[], rowOf: (item: T) => string[]) =>
  items.length === 0 ? [] : [`## ${title}`, table(head, items.map(rowOf))];

/** The report as Markdown: failures first, then warnings, skipped checks by reason, every promise, and the requests of failures. */
export function reportMarkdown(report: ConformanceReport): string {
  const of = (outcome: CheckResult['outcome']) => report.results.filter((result) => result.outcome === outcome);
  const reasons = Map.groupBy(of('skipped'), ({ reason = '' }) => reason);
  return [
    `# Conformance of ${report.target}`,
    `Profile ${report.profile} of the contract ${report.contractVersion}. ${countsOf(report)}. The suite ran ${shareRun(report)} of the checks, with the seed ${report.seed}. Started ${report.startedAt}, took ${report.durationMs} ms.`,
    ...section(
      'Broken promises',
      ['operation', 'promise', 'failures', 'sent', 'received', 'promised', 'source'],
      of('failed'),
      failureRow,
    ),
    ...section('Passed unexpectedly', ['operation', 'promise'], of('unexpected'), ({ operation, promise }) => [
      operation,
      promise,
    ]),
    ...section(
      'Failed as expected',
      ['operation', 'promise', 'reason', 'failures'],
      of('expected'),
      ({ operation, promise, reason = '', failures }) => [operation, promise, reason, failures.join('; ')],
    ),
    ...section(
      'Not documented',
      ['operation', 'promise', 'warnings'],
      report.results.filter(({ warnings }) => warnings !== undefined),
      ({ operation, promise, warnings = [] }) => [operation, promise, warnings.join('; ')],
    ),
    ...section('Skipped', ['reason', 'count', 'checks'], [...reasons], ([reason, results]) => [
      reason,
      String(results.length),
      results.map(titleOfResult).join('; '),
    ]),
    '## Every promise',
    table(
      ['operation', 'promise', 'outcome', 'source'],
      report.results.map(({ operation, promise, outcome, ...result }) => [
        operation,
        promise,
        outcome,
        placeOf(result),
      ]),
    ),
    ...commands(of('failed')),
    '',
  ].join('\n\n');
}
