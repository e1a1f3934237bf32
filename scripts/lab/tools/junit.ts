/** Reads reports of tests in the format of JUnit. */
import { XMLParser } from 'fast-xml-parser';

interface TestCase {
  '@_name': string;
  failure?: unknown;
  error?: unknown;
}

/** The names of the failed tests of a JUnit report, without the values that are random. */
export function failedTests(xml: string): string[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    isArray: (name) => ['testcase', 'testsuite'].includes(name),
  });
  const { testsuites, testsuite } = parser.parse(xml) as Record<string, { testsuite?: unknown }>;
  const suites = (testsuites?.testsuite ?? testsuite ?? []) as { testcase?: TestCase[] }[];
  return suites
    .flatMap(({ testcase = [] }) => testcase)
    .filter(({ failure, error }) => failure !== undefined || error !== undefined)
    .map((test) => test['@_name'].replaceAll(/"[^"]*"|\d{4,}/g, '…'));
}
