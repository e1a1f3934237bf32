import { XMLBuilder } from 'fast-xml-parser';
import type { CheckResult, ConformanceReport } from '../index.ts';
import { notXml } from './escape.ts';
import { placeOf } from './place.ts';

const attributes = (values: Record<string, string | number>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`@${name}`, String(value).replaceAll(notXml, '\ufffd')]),
  );

const details = ({ failures, sent, received, promised, ...result }: CheckResult) =>
  [
    ...failures,
    `sent: ${sent ?? ''}`,
    `received: ${received ?? ''}`,
    `promised: ${promised ?? ''}`,
    `source: ${placeOf(result)}`,
    ...(result.repeat === undefined ? [] : [`repeat: ${result.repeat}`]),
  ].join('\n');

/** JUnit has two outcomes beside a pass. As pytest does, an expected failure counts as skipped, and an unexpected pass as a failure. */
const isFailure = ({ outcome }: CheckResult) => outcome === 'failed' || outcome === 'unexpected';
const isSkip = ({ outcome }: CheckResult) => outcome === 'skipped' || outcome === 'expected';
const skipMessage = ({ outcome, reason, failures }: CheckResult) =>
  outcome === 'expected' ? `expected failure: ${[reason, ...failures].filter(Boolean).join('; ')}` : (reason ?? '');

/** The report as JUnit XML, one test suite per operation. */
export function reportJunit({ results, durationMs, startedAt, ...counts }: ConformanceReport): string {
  const { profile, seed, suiteVersion, contractVersion, targetVersion = 'unknown' } = counts;
  const properties = { profile, seed, suiteVersion, contractVersion, targetVersion };
  const suites = [...Map.groupBy(results, ({ operation }) => operation)].map(([operation, own]) => ({
    ...attributes({
      name: operation,
      tests: own.length,
      failures: own.filter(isFailure).length,
      errors: 0,
      skipped: own.filter(isSkip).length,
      time: own.reduce((sum, result) => sum + result.durationMs, 0) / 1000,
      timestamp: startedAt,
    }),
    properties: { property: Object.entries(properties).map(([name, value]) => attributes({ name, value })) },
    testcase: own.map((result) => ({
      ...attributes({ classname: operation, name: result.promise, time: result.durationMs / 1000 }),
      ...(isFailure(result) && {
        failure: {
          ...attributes({ message: result.failures[0] ?? 'broken' }),
          '#text': details(result).replaceAll(notXml, '\ufffd'),
        },
      }),
      ...(result.warnings && { 'system-out': result.warnings.join('\n').replaceAll(notXml, '\ufffd') }),
      ...(isSkip(result) && { skipped: attributes({ message: skipMessage(result) }) }),
    })),
  }));
  const root = attributes({
    name: `conformance of ${counts.target}`,
    tests: results.length,
    failures: counts.failed + counts.unexpected,
    errors: 0,
    skipped: counts.skipped + counts.expected,
    time: durationMs / 1000,
    timestamp: startedAt,
  });
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
  });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { ...root, testsuite: suites },
  });
}
