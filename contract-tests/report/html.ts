/** The report as one HTML file without a script, for screens of any width, light and dark. */
import { titleOfResult } from '../engine/expected-failures.ts';
import { notImplementedResult } from '../engine/run-check.ts';
import type { CheckResult, ConformanceReport } from '../index.ts';
import { type Cause, causesOf } from './causes.ts';
import { countsOf, shareRun } from './counts.ts';
import { escapeHtml as text } from './escape.ts';
import { kindOf, kinds, promisedAndHeld } from './kinds.ts';
import { placeOf } from './place.ts';
import { style } from './style.ts';

const number = (value: number): string => value.toLocaleString('en');
const marks = { passed: '✓', failed: '✗', skipped: '–', expected: '!', unexpected: '✗' } as const;

const idOf = (result: CheckResult): string =>
  `c-${titleOfResult(result).replaceAll(/[^A-Za-z0-9]/g, (letter) => `_${letter.codePointAt(0)?.toString(16)}`)}`;

const row = (name: string, value: string | undefined): string =>
  value ? `<dt>${name}</dt><dd><pre>${text(value)}</pre></dd>` : '';

function placeHtml(result: CheckResult): string {
  const { source } = result;
  if (source === undefined) return row('source', placeOf(result));
  return `<dt>source</dt><dd><a href="${text(source.page)}">${text(source.page)}</a><blockquote>${text(source.quote)}</blockquote></dd>`;
}

/** One failure in full. */
const failure = (result: CheckResult, open: boolean): string => `
<details class="failure" id="${idOf(result)}"${open ? ' open' : ''}>
<summary>${text(titleOfResult(result))}</summary>
<dl>
${row('failure', result.failures.join('\n'))}${row('reason', result.reason)}
${row('request', result.sent)}${row('response', result.received)}${row('promised', result.promised)}
${placeHtml(result)}${row('repeat', result.repeat)}
</dl>
</details>`;

/** A cause, with its first failure open. */
const cause = ({ message, results }: Cause): string => `
<section class="cause">
<h3>${text(message)} <span class="count">${number(results.length)} ${results.length === 1 ? 'check' : 'checks'}</span></h3>
${results.map((result, i) => failure(result, i === 0)).join('')}
</section>`;

/** Where the page shows a failure. */
const anchorOf = (result: CheckResult): string =>
  titleOfResult(result) === titleOfResult(notImplementedResult(result.operation)) ? 'missing' : idOf(result);

/** How many checks of a cell held, and whether one failed. Not by color alone. */
function cell(results: CheckResult[], label: string): string {
  if (results.length === 0) return '<td class="none"><span aria-hidden="true">·</span></td>';
  const { promised, held } = promisedAndHeld(results);
  const failed = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'unexpected').length;
  const expected = results.filter(({ outcome }) => outcome === 'expected').length;
  const kind = failed > 0 ? 'failed' : expected > 0 ? 'expected' : held < promised ? 'skipped' : 'passed';
  const first = results.find(({ outcome }) => outcome === 'failed');
  const content = `<span aria-hidden="true">${marks[kind]}</span> ${number(held)}/${number(promised)}`;
  const title = `${label}: ${held} of ${promised} held, ${failed} failed`;
  const inner = first === undefined ? content : `<a href="#${anchorOf(first)}">${content}</a>`;
  return `<td class="${kind}" title="${text(title)}">${inner}</td>`;
}

function matrix(results: CheckResult[]): string {
  const used = kinds.filter((kind) => results.some((result) => kindOf(result) === kind));
  const rows = [...Map.groupBy(results, ({ operation }) => operation)].map(
    ([operation, own]) =>
      `<tr><th scope="row"><a href="#o-${text(operation)}">${text(operation)}</a></th>${used
        .map((kind) => {
          const inCell = own.filter((result) => kindOf(result) === kind);
          return cell(inCell, `${operation}, ${kind}`);
        })
        .join('')}</tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-labelledby="matrix"><table>
<thead><tr><th scope="col">operation</th>${used.map((kind) => `<th scope="col">${kind}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

/** Every check of an operation, in a closed section. */
const operation = ([name, own]: [string, CheckResult[]]): string => {
  const { promised, held } = promisedAndHeld(own);
  const items = own.map((result) => {
    const { outcome, promise, reason, durationMs, warnings = [] } = result;
    const notes = [reason, ...warnings, placeOf(result), `${durationMs} ms`].filter(Boolean).join(' · ');
    return `<li class="${outcome}"><b>${marks[outcome]} ${outcome}</b> ${text(promise)} <small>${text(notes)}</small></li>`;
  });
  return `<details id="o-${text(name)}"><summary>${text(name)} <span class="count">${number(held)} of ${number(promised)} held</span></summary><ul>${items.join('\n')}</ul></details>`;
};

const section = (title: string, content: string, id?: string): string =>
  content === '' ? '' : `<section><h2${id === undefined ? '' : ` id="${id}"`}>${title}</h2>${content}</section>`;

/** The report as HTML: the causes of failures first, then the matrix of operations and kinds of promises, then every check. */
export function reportHtml(report: ConformanceReport): string {
  const { results, target, notImplemented: missing } = report;
  const of = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome);
  const { promised, held } = promisedAndHeld(results);
  const causes = causesOf(results.filter(({ operation: name }) => !missing.includes(name)));
  const reasons = [...Map.groupBy(of('skipped'), ({ reason = '' }) => reason)];
  const facts = {
    target: [target, report.targetVersion].filter(Boolean).join(', '),
    profile: `${report.profile}${report.readOnly ? ', read-only' : ''}`,
    'contract and suite': `${report.contractVersion}, ${report.suiteVersion}`,
    seed: String(report.seed),
    run: `${report.startedAt}, ${number(report.durationMs)} ms, ${shareRun(report)} of the checks`,
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${report.failed + report.unexpected === 0 ? 'Held' : 'Broken'}: conformance of ${text(target)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Conformance of ${text(target)}</h1>
<p class="numbers"><b>${number(promised)}</b> promised <b class="${report.failed + report.unexpected === 0 ? 'passed' : 'failed'}">${number(held)}</b> held</p>
<p>${countsOf(report)}</p>
<dl class="facts">${Object.entries(facts)
    .map(([name, value]) => `<dt>${name}</dt><dd>${text(value)}</dd>`)
    .join('')}</dl>
</header>
<main>
${section('Not implemented', missing.length === 0 ? '' : `<ul>${missing.map((name) => `<li>${text(name)}</li>`).join('')}</ul>`, 'missing')}
${section(
  'Passed unexpectedly',
  of('unexpected').length === 0
    ? ''
    : `<p>Remove these from the list of expected failures.</p>${of('unexpected')
        .map((result) => failure(result, false))
        .join('')}`,
)}
${section('Broken promises, by cause', causes.map(cause).join(''))}
${section('Operations and kinds of promises', matrix(results), 'matrix')}
${section(
  'Failed as expected',
  of('expected')
    .map((result) => failure(result, false))
    .join(''),
)}
${section('Skipped', reasons.length === 0 ? '' : `<ul>${reasons.map(([reason, own]) => `<li><b>${number(own.length)}</b> ${text(reason)}</li>`).join('')}</ul>`)}
${section('Every check', [...Map.groupBy(results, ({ operation: name }) => name)].map(operation).join('\n'))}
</main>
</body>
</html>
`;
}
