import type { CheckResult, ConformanceReport } from '../index.ts';
import { placeOf } from './place.ts';

const cell = (text = '') => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const failureRow = ({ operation, promise, failures, sent, received, promised, ...result }: CheckResult) => [
  operation,
  promise,
  failures.join('; '),
  sent ?? '',
  received ?? '',
  promised ?? '',
  placeOf(result),
];

/** The share of checks that ran, as `300 of 320 (94 %)`. */
export function shareRun({ results, skipped }: ConformanceReport): string {
  const run = results.length - skipped;
  return `${run} of ${results.length} (${Math.round((run / results.length) * 100)} %)`;
}

/** The report as Markdown: failures first, then warnings, skipped checks by reason, and every promise. */
export function reportMarkdown(report: ConformanceReport): string {
  const of = (outcome: CheckResult['outcome']) => report.results.filter((result) => result.outcome === outcome);
  const failed = of('failed');
  const reasons = Map.groupBy(of('skipped'), ({ reason = '' }) => reason);
  return [
    `# Conformance of ${report.target}`,
    `Profile ${report.profile} of the contract ${report.contractVersion}. ${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped. The suite ran ${shareRun(report)} of the checks. Started ${report.startedAt}, took ${report.durationMs} ms.`,
    ...(failed.length === 0
      ? []
      : [
          '## Broken promises',
          table(['operation', 'promise', 'failures', 'sent', 'received', 'promised', 'source'], failed.map(failureRow)),
        ]),
    ...(report.warned === 0
      ? []
      : [
          '## Not documented',
          table(
            ['operation', 'promise', 'warnings'],
            report.results
              .filter(({ warnings }) => warnings !== undefined)
              .map(({ operation, promise, warnings = [] }) => [operation, promise, warnings.join('; ')]),
          ),
        ]),
    ...(reasons.size === 0
      ? []
      : [
          '## Skipped',
          table(
            ['reason', 'count', 'checks'],
            [...reasons].map(([reason, results]) => [
              reason,
              String(results.length),
              results.map(({ operation, promise }) => `${operation} › ${promise}`).join('; '),
            ]),
          ),
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
    '',
  ].join('\n\n');
}
