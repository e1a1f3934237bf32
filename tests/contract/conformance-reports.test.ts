/** The reports of the conformance suite: the published schema of the JSON, the HTML without a script, JUnit and the badge. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { redact, shownRequest } from '../../contract-tests/engine/show.ts';
import type { CheckResult, ConformanceReport } from '../../contract-tests/index.ts';
import { profiles } from '../../contract-tests/index.ts';
import { reportBadge } from '../../contract-tests/report/badge.ts';
import { reportHtml } from '../../contract-tests/report/html.ts';
import { reportJunit } from '../../contract-tests/report/junit.ts';
import { reportMarkdown } from '../../contract-tests/report/markdown.ts';
import { showBroken, showSummary } from '../../contract-tests/report/screen.ts';

const schema = JSON.parse(
  await readFile(join(import.meta.dirname, '../../contract-tests/report/report.schema.json'), 'utf8'),
);
const ajv = new Ajv2020({ strict: true, allErrors: true });
(addFormats as unknown as (instance: Ajv2020) => void)(ajv);
const validate = ajv.compile(schema);

const hostile = `<script>alert("1")</script> & 'quotes' \u0000\u001b[31m`;
const result = (over: Partial<CheckResult>): CheckResult => ({
  ...{ operation: 'portal.createSession', promise: 'a session is created', kind: 'case', profile: 'sessions' },
  ...{ status: 200, durationMs: 3, outcome: 'passed', failures: [], specLine: 146, repeat: `--only '^a$'` },
  ...over,
});
const failed: Partial<CheckResult> = {
  outcome: 'failed',
  failures: ['header Cache-Control is missing'],
  sent: `curl -X POST 'http://localhost/v2/portal.createSession' \\\n  -H '${hostile}'`,
  received: '200 {}',
  promised: '200',
};
const report: ConformanceReport = {
  ...{ target: 'http://localhost:3000', targetVersion: 'acme/2', suiteVersion: '0.1.0', profile: 'full' },
  ...{ contractVersion: '0.1.0', seed: 7, readOnly: false, notImplemented: ['portal.endSession'] },
  cleaned: { portals: 1, apis: 2, users: 3, sessions: 4, left: [] },
  ...{ startedAt: '2026-11-27T05:50:27.922Z', durationMs: 1234, passed: 1, failed: 3, skipped: 1 },
  ...{ expected: 1, unexpected: 1, warned: 1 },
  results: [
    result({
      promise: 'is implemented',
      operation: 'portal.endSession',
      kind: 'flow',
      outcome: 'failed',
      failures: ['not implemented'],
    }),
    result({ warnings: ['body has the undocumented field "region"'] }),
    result({ ...failed, promise: hostile, kind: 'header' }),
    result({ ...failed, promise: 'an error', status: 404 }),
    result({ promise: 'a sequence', kind: 'flow', outcome: 'skipped', reason: 'a mock stores no state' }),
    result({ ...failed, promise: 'a rule', kind: 'constraint', status: 400, outcome: 'expected', reason: 'issue 7' }),
    result({ promise: 'fixed', outcome: 'unexpected', failures: ['it passed'] }),
    result({
      ...{ promise: 'public pages: quoted', profile: 'seeds', operation: 'portal.getSession' },
      source: { page: 'https://example.com/page', quote: 'Session ids are single-use.' },
    }),
  ],
};

describe('the JSON report', () => {
  test('matches its schema, and the schema refuses what the report never has', () => {
    validate(JSON.parse(JSON.stringify(report)));
    expect(validate.errors).toBeNull();
    const wrong: [object, string][] = [
      [{ ...report, seed: 1.5 }, '/seed'],
      [{ ...report, results: [{ ...report.results[0], outcome: 'broken' }] }, '/results/0/outcome'],
      [{ ...report, results: [{ ...report.results[0], failures: [] }] }, '/results/0/failures'],
      [{ ...report, results: [{ ...report.results[4], reason: undefined }] }, '/results/0'],
    ];
    for (const [broken, place] of wrong) {
      validate(JSON.parse(JSON.stringify(broken)));
      expect(validate.errors?.map(({ instancePath }) => instancePath)).toContain(place);
    }
  });

  test('has every field and value in its schema', () => {
    expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(report).sort());
    expect(schema.$defs.profile.enum).toEqual(Object.keys(profiles));
    const known = Object.keys(schema.$defs.result.properties);
    const used = new Set(report.results.flatMap((each) => Object.keys(each)));
    expect(known.filter((name) => !used.has(name))).toEqual(['timedOut']);
    expect([...used].filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('the HTML report', () => {
  const html = reportHtml(report);

  test('needs no script and no other file, and shows texts as they are', () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|url\(|@import/);
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;quotes&#39; \ufffd\ufffd[31m');
    expect(html).toContain("default-src 'none'");
  });

  test('has the causes before the matrix, and the matrix before every check', () => {
    const titles = [...html.matchAll(/<h2[^>]*>([^<]+)</g)].map(([, title]) => title);
    expect(titles).toEqual([
      ...['Not implemented', 'Passed unexpectedly', 'Broken promises, by cause', 'Operations and kinds of promises'],
      ...['Failed as expected', 'Skipped', 'Every check'],
    ]);
    expect(html).toMatch(/<h3>header Cache-Control is missing <span class="count">2 checks/);
    expect(html).toMatch(/<b>8<\/b> promised <b class="failed">3<\/b> held/);
  });

  test('has a cell for each kind, which leads to its first failure', () => {
    const heads = [...html.matchAll(/<th scope="col">([^<]+)</g)].map(([, head]) => head);
    expect(heads).toEqual(['operation', 'response', 'error', 'header', 'request rule', 'sequence', 'public page']);
    expect(html).toContain('title="portal.createSession, error: 0 of 1 held, 1 failed"');
    expect(html).toContain('title="portal.createSession, response: 2 of 2 held, 1 failed"');
    expect(html).toContain('title="portal.createSession, header: 0 of 1 held, 1 failed"');
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(4);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
    expect(ids.size).toBe([...html.matchAll(/ id="/g)].length);
  });
});

test('JUnit counts an expected failure as skipped and an unexpected pass as a failure, and has no character that XML forbids', () => {
  const xml = reportJunit(report);
  expect(XMLValidator.validate(xml)).toBe(true);
  const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(xml);
  expect(testsuites).toMatchObject({ '@_tests': '8', '@_failures': '4', '@_errors': '0', '@_skipped': '2' });
  expect(testsuites.testsuite.map((suite: Record<string, string>) => suite['@_failures'])).toEqual(['1', '3', '0']);
  expect(xml).toContain('<property name="seed" value="7"/>');
  expect(xml).toContain('message="expected failure: issue 7; header Cache-Control is missing"');
});

/** What the command prints of a report. */
function printed(shown: ConformanceReport): string {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    showBroken(shown);
    showSummary(shown);
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

test('a target that breaks everything in many ways fills two screens on the terminal', () => {
  const letters = Array.from({ length: 40 }, (_, i) => String.fromCodePoint(0x61 + (i % 26)).repeat(i + 1));
  const wrong = letters.flatMap((letter) => [
    result({ ...failed, promise: `${letter} is one`, failures: Array(30).fill(`${letter} is wrong`) }),
    result({ ...failed, promise: `${letter} is two`, failures: [`${letter} is wrong`] }),
    result({ promise: `${letter} is three`, outcome: 'skipped', reason: `no ${letter}` }),
    result({ promise: `${letter} is four`, outcome: 'expected', failures: ['known'], reason: `issue ${letter}` }),
    result({ promise: `${letter} is five`, outcome: 'unexpected', failures: ['it passed'] }),
    result({ promise: `${letter} is six`, warnings: [`field ${letter}`] }),
  ]);
  const notImplemented = letters.map((letter) => `later.${letter}`);
  const text = printed({ ...report, notImplemented, results: wrong });
  expect(text.split('\n').length).toBeLessThan(120);
  for (const rest of [
    ...[
      '35 more causes of 70 failures',
      '34 more operations are not implemented',
      '34 more checks passed unexpectedly',
    ],
    ...['34 more reasons of skipped checks', '34 more reasons of expected failures', '34 more warnings'],
  ])
    expect(text).toContain(`${rest}: see --report\n`);
});

test('the table has the operations with most failures, and one row for all that have none of their own', () => {
  const operations = Array.from({ length: 30 }, (_, i) => `group.operation${i}`);
  const results = operations.flatMap((operation, i) => [
    result({ operation, promise: 'one' }),
    ...Array.from({ length: i > 25 ? i : 0 }, (__, j) => result({ ...failed, operation, promise: `wrong ${j}` })),
    ...(i === 3 ? [result({ operation, promise: 'two', outcome: 'skipped', reason: 'no state' })] : []),
  ]);
  const [, table = ''] =
    /\noperation [^\n]*\n(.*?)skipped 1: no state\n/s.exec(
      printed({ ...report, results, expected: 0, unexpected: 0 }),
    ) ?? [];
  const rows = table.trimEnd().split('\n');
  expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
    ...[29, 28, 27, 26].map((i) => [`group.operation${i}`, '1', `${i}`, '0']),
    ['group.operation3', '1', '0', '1'],
    ...[0, 1, 2, 4].map((i) => [`group.operation${i}`, '1', '0', '0']),
    ['21 other operations', '21', '0', '0'],
  ]);
});

describe('a long request', () => {
  const body = { name: 'n'.repeat(5000), more: '`````' };
  const request = { body, authorization: 'Bearer rk_secretSecret' };
  const url = 'http://localhost/v2/portal.createSession';
  const sent = { operation: 'portal.createSession', method: 'post', url, request, promised: { status: 200 } };
  const shown = shownRequest(sent, (text) => redact(text, []));
  const command = String(shown.sent);
  const long = { ...report, results: [result({ ...failed, ...shown })] };

  test('is whole in each report, as a command that can be repeated', () => {
    expect(command).toContain(`--data-raw '${JSON.stringify(body)}'`);
    expect(command).not.toContain('secretSecret');
    expect(reportHtml(long)).toContain(command.replaceAll("'", '&#39;').replaceAll('"', '&quot;'));
    const markdown = reportMarkdown(long);
    expect(markdown).toContain(`\`\`\`\`\`\`sh\n${command}\n\`\`\`\`\`\`\n`);
    expect(markdown.split('\n').find((line) => line.startsWith('| portal.createSession'))).toMatch(
      /\| curl -X POST '[^|]+' -H 'Content-Type: application\/json' -H .+… \(cut; the whole command is at the end of this report\) \|/,
    );
  });

  test('is cut on the terminal, which names the place of the whole one', () => {
    const text = printed(long);
    expect(text).toContain('nnn… (cut; the whole command is in the file of --report)\n');
    expect(text).not.toContain('n'.repeat(500));
  });
});

describe('the badge', () => {
  const color = (over: Partial<ConformanceReport>) =>
    /<rect x="\d+" [^>]*fill="(#\w+)"/.exec(
      reportBadge({ ...report, failed: 0, expected: 0, skipped: 0, ...over }),
    )?.[1];

  test('has two numbers: what is promised, and what held', () => {
    const svg = reportBadge(report);
    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg).toContain('aria-label="full 0.1.0: 8 promised · 3 held"');
  });

  test('is green only if everything held', () => {
    const colors = [color({}), color({ skipped: 1 }), color({ failed: 1, skipped: 1 }), color({ expected: 1 })];
    expect(colors).toEqual(['#1a7f37', '#8a6100', '#b3261e', '#b3261e']);
  });
});
