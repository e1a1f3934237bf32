/**
 * `npm run mutants:code` changes the code of the server, one small change at a time, and runs the tests that cover the change.
 * A change that no test notices is a survivor. It ends with a score for each room and exits with 1 if a room misses its target.
 *
 *   npm run mutants:code                       every mutant: about 5,800
 *   npm run mutants:code -- domain/keys .lua   those of the files whose paths contain one of the words
 *   npm run mutants:code -- --changed          those of the lines that the last commit changed; --changed=REF compares with REF
 *   npm run mutants:code -- --minutes=5        stops after this time and reports what it did until then
 *   npm run mutants:code -- --sample=10        an estimate from this many percent of the mutants
 *   npm run mutants:code -- cli --tests=tests/cli,src/server/cli   uses only the test files whose paths contain one of these
 */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale } from '../freshness/if-stale.ts';
import { runLuaMutants } from './lua.ts';
import { type Outcome, reportOn } from './report.ts';
import { runTypeScriptMutants } from './stryker.ts';
import { testsVariable } from './tests.ts';

const root = join(import.meta.dirname, '../..');
const say = (line: string) => process.stdout.write(`${line}\n`);

/** The code that is mutated: everything that decides something in the server. */
const mutated = ['src/server/{domain,http,store,cli,config,outbound}/**/*.{ts,lua}', 'src/server/*.ts'];
const isMutated = (file: string) => !/\.(test|test-d)\.ts$/.test(file);

/** The time for the tests of one mutant, in ms. */
const budgetMs = 4000;

/** The changed lines of each file, as pairs of the first and the last. */
function changedLines(since: string): Map<string, [number, number][]> {
  const diff = execFileSync('git', ['diff', '--unified=0', '--no-prefix', since, '--', 'src/server'], {
    cwd: root,
    encoding: 'utf8',
  });
  const changed = new Map<string, [number, number][]>();
  let file = '';
  for (const line of diff.split('\n')) {
    if (line.startsWith('+++ ')) file = line.slice(4);
    const [, from, count = '1'] = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (from === undefined || count === '0') continue;
    changed.set(file, [...(changed.get(file) ?? []), [Number(from), Number(from) + Number(count) - 1]]);
  }
  return changed;
}

const { values, positionals } = parseArgs({
  // `--changed` has an optional value, which parseArgs does not know.
  args: process.argv.slice(2).map((arg) => (arg === '--changed' ? '--changed=HEAD~1' : arg)),
  options: {
    changed: { type: 'string' },
    minutes: { type: 'string' },
    sample: { type: 'string' },
    tests: { type: 'string' },
  },
  allowPositionals: true,
});
const changed = values.changed === undefined ? undefined : changedLines(values.changed);
const files = globSync(mutated, { cwd: root })
  .filter((file) => isMutated(file) && (changed?.has(file) ?? true))
  .filter((file) => positionals.length === 0 || positionals.some((word) => file.includes(word)))
  .toSorted();
const endsAt = Date.now() + Number(values.minutes ?? 24 * 60) * 60_000;

if (values.tests !== undefined) process.env[testsVariable] = values.tests;
await buildIfStale();
const begun = performance.now();
const sample = Number(values.sample ?? 100);
const options = { budgetMs, endsAt, sample, lines: changed };
const outcomes: Outcome[] = [];
const lua = files.filter((file) => file.endsWith('.lua'));
if (lua.length > 0) outcomes.push(...(await runLuaMutants(lua, options)));
const typeScript = files.filter((file) => file.endsWith('.ts'));
if (typeScript.length > 0) outcomes.push(...(await runTypeScriptMutants(typeScript, options)));

const isWhole = changed === undefined && positionals.length === 0 && sample === 100 && Date.now() < endsAt;
const { lines, passed } = reportOn(outcomes, isWhole);
for (const line of lines) say(line);
if (Date.now() >= endsAt) say(`Stopped after ${values.minutes} minutes: not every mutant was run.`);
say(`${outcomes.length} mutants of ${files.length} files in ${Math.round((performance.now() - begun) / 1000)} s`);
process.exit(passed ? 0 : 1);
