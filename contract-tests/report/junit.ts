import { XMLBuilder } from 'fast-xml-parser';
import type { CheckResult, ConformanceReport } from '../index.ts';
import { placeOf } from './place.ts';

/** Characters that XML 1.0 does not allow, even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

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
  ].join('\n');

/** The report as JUnit XML, one test suite per operation. */
export function reportJunit({ results, durationMs, startedAt, ...counts }: ConformanceReport): string {
  const suites = [...Map.groupBy(results, ({ operation }) => operation)].map(([operation, own]) => ({
    ...attributes({
      name: operation,
      tests: own.length,
      failures: own.filter(({ outcome }) => outcome === 'failed').length,
      skipped: own.filter(({ outcome }) => outcome === 'skipped').length,
    }),
    testcase: own.map((result) => ({
      ...attributes({ classname: operation, name: result.promise, time: result.durationMs / 1000 }),
      ...(result.outcome === 'failed' && {
        failure: {
          ...attributes({ message: result.failures[0] ?? 'broken' }),
          '#text': details(result).replaceAll(notXml, '\ufffd'),
        },
      }),
      ...(result.warnings && { 'system-out': result.warnings.join('\n').replaceAll(notXml, '\ufffd') }),
      ...(result.outcome === 'skipped' && { skipped: attributes({ message: result.reason ?? '' }) }),
    })),
  }));
  const root = attributes({
    name: `conformance of ${counts.target}`,
    tests: results.length,
    failures: counts.failed,
    skipped: counts.skipped,
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
