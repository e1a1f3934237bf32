/** `npm run conformance` runs the contract suite against a server. Exit codes are listed in the help text below. */
import { writeFile } from 'node:fs/promises';
import { Command, CommanderError, Option } from 'commander';
import { titleOf } from './engine/check.ts';
import { readSpec } from './engine/spec.ts';
import { notImplemented } from './engine/target.ts';
import {
  type CheckResult,
  type ConformanceReport,
  type Profile,
  profiles,
  runConformance,
  SuiteError,
} from './index.ts';
import { type Cause, causesOf } from './report/causes.ts';
import { reportJunit } from './report/junit.ts';
import { reportMarkdown, shareRun } from './report/markdown.ts';
import { placeOf } from './report/place.ts';
import { startPrism } from './targets/prism.ts';

interface Flags {
  target: string;
  rootKey?: string;
  slug?: string;
  disabledSlug?: string;
  foreignRootKey?: string;
  otherApiRootKey?: string;
  openapiUrl?: string;
  profile: Profile;
  only?: string;
  concurrency: string;
  report?: string;
  junit?: string;
  markdown?: string;
  strict?: true;
  strictResponses?: true;
}

const exitPassed = 0;
const exitFailed = 1;
const exitNotRun = 2;

const program = new Command('conformance')
  .description('Tests over HTTP whether a server conforms to the contract in openapi.yaml.')
  .requiredOption('--target <url>', 'base URL of the server, or "prism" for a mock of the contract')
  .addOption(new Option('--root-key <key>', 'a root key with all permissions').env('ROOT_KEY'))
  .option('--slug <slug>', "an enabled portal in the root key's workspace")
  .option('--disabled-slug <slug>', 'a disabled portal in that workspace; without it the suite skips some checks')
  .addOption(
    new Option(
      '--foreign-root-key <key>',
      'a root key of another workspace; without it the suite skips some checks',
    ).env('FOREIGN_ROOT_KEY'),
  )
  .addOption(
    new Option(
      '--other-api-root-key <key>',
      'a root key of the same workspace with permissions on one API alone; without it the suite skips some checks',
    ).env('OTHER_API_ROOT_KEY'),
  )
  .option(
    '--openapi-url <url>',
    'an OpenAPI document that the server can fetch; without it the suite skips some checks',
  )
  .addOption(
    new Option('--profile <name>', 'the part of the contract that the server claims')
      .choices(Object.keys(profiles))
      .default('full'),
  )
  .option('--only <pattern>', 'run only the checks whose "operation › promise" matches this regular expression')
  .option('--concurrency <n>', 'maximum number of checks that run at once', '4')
  .option('--report <file>', 'write the report as JSON')
  .option('--junit <file>', 'write the report as JUnit XML')
  .option('--markdown <file>', 'write the report as Markdown')
  .option('--strict', 'fail the run if a check is skipped')
  .option(
    '--strict-responses',
    'fail a check if a response has a field or an enum value that the contract does not document',
  )
  .exitOverride()
  .showHelpAfterError('(add --help for usage)')
  .addHelpText(
    'after',
    `
Pass root keys in ROOT_KEY, FOREIGN_ROOT_KEY and OTHER_API_ROOT_KEY: npm prints the arguments of a script, also to the log of a CI job.

Profiles:
${Object.entries(profiles)
  .map(([name, promise]) => `  ${name.padEnd(12)}${promise}`)
  .join('\n')}

Exit code: 0 every check that ran passed, 1 a check failed, 2 the suite could not run.

Examples:
  $ export ROOT_KEY=rk_…
  $ npm run conformance -- --target http://localhost:3000 --slug my-portal
  $ npm run conformance -- --target https://api.acme.example --slug my-portal --strict \\
      --disabled-slug closed --openapi-url https://docs.acme.example/openapi.json \\
      --junit junit.xml --markdown report.md
  $ npm run conformance -- --target http://localhost:3000 --slug my-portal --profile seeds
  $ npm run conformance -- --target prism`,
  );

const say = (line: string) => process.stdout.write(`${line}\n`);

function parsePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw new SuiteError(`--only "${pattern}" is not a regular expression`);
  }
}

function parseConcurrency(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new SuiteError('--concurrency takes an integer from 1 to 999');
  return Number(text);
}

/** Prints a dot, an F or an s for each check, 80 per line. Checks of operations that are not there are not worth a character. */
function progress(): (result: CheckResult) => void {
  let column = 0;
  return ({ outcome, operation, reason }) => {
    if (reason === notImplemented(operation)) return;
    process.stdout.write({ passed: '.', failed: 'F', skipped: 's' }[outcome]);
    if (++column % 80 === 0) process.stdout.write('\n');
  };
}

function showFailure({ operation, promise, failures, sent, received, promised, ...result }: CheckResult): void {
  say(`\nBROKEN  ${operation} › ${promise}`);
  for (const failure of failures) say(`  ${failure}`);
  say(`  sent      ${sent ?? 'no request'}`);
  say(`  received  ${received ?? 'no response'}`);
  say(`  promised  ${promised ?? ''}`);
  if (placeOf(result) !== '') say(`  source    ${placeOf(result)}`);
}

/** How many causes are printed with an example, and how many checks of each are named. A broken target fills a screen or two. */
const [mostCauses, mostNames] = [8, 5];

function showCause({ message, results }: Cause): void {
  const [first, ...others] = results;
  showFailure(first);
  if (others.length === 0) return;
  say(`  and ${others.length} more with the same cause (${message}):`);
  for (const result of others.slice(0, mostNames)) say(`    ${titleOf({ ...result, name: result.promise })}`);
  if (others.length > mostNames) say(`    … and ${others.length - mostNames} more: see --report`);
}

/** Prints the operations that are missing, and the failures by their causes. */
function showBroken({ results, notImplemented: missing }: ConformanceReport): void {
  for (const operation of missing) {
    const skipped = results.filter((result) => result.operation === operation && result.outcome === 'skipped').length;
    say(`not implemented: ${operation} (${skipped} of its checks are skipped)`);
  }
  const causes = causesOf(results.filter(({ operation }) => !missing.includes(operation)));
  for (const cause of causes.slice(0, mostCauses)) showCause(cause);
  const rest = causes.slice(mostCauses);
  const checks = rest.reduce((sum, cause) => sum + cause.results.length, 0);
  if (rest.length > 0) say(`\n${rest.length} more causes of ${checks} failures: see --report`);
}

/** Prints what the contract does not document, once for each operation. */
function showWarnings({ results }: ConformanceReport): void {
  for (const [operation, own] of Map.groupBy(results, (result) => result.operation))
    for (const warning of new Set(own.flatMap(({ warnings = [] }) => warnings)))
      say(`warning ${operation}: ${warning}`);
}

/** Prints a row per operation, then the skipped checks by reason. */
function showSummary(report: ConformanceReport): void {
  say(`\n${'operation'.padEnd(28)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}`);
  const shown = report.results.filter(({ operation }) => !report.notImplemented.includes(operation));
  for (const [operation, own] of Map.groupBy(shown, (result) => result.operation)) {
    const count = (outcome: string) => String(own.filter((result) => result.outcome === outcome).length);
    say(
      `${operation.padEnd(28)}${count('passed').padStart(8)}${count('failed').padStart(8)}${count('skipped').padStart(9)}`,
    );
  }
  const skipped = report.results.filter(
    ({ outcome, operation }) => outcome === 'skipped' && !report.notImplemented.includes(operation),
  );
  for (const [reason, own] of Map.groupBy(skipped, (result) => result.reason)) say(`skipped ${own.length}: ${reason}`);
  showWarnings(report);
  say(`\nThe suite ran ${shareRun(report)} of the checks.`);
  say(`${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`);
}

async function main(): Promise<number> {
  await program.parseAsync();
  const {
    target,
    only,
    concurrency,
    report: reportFile,
    junit,
    markdown,
    strict,
    ...credentials
  } = program.opts<Flags>();
  const settings = {
    concurrency: parseConcurrency(concurrency),
    ...(only !== undefined && { only: parsePattern(only) }),
  };
  const mock = target === 'prism' ? await startPrism(await readSpec()) : undefined;
  try {
    const options = { target: mock ?? target, ...credentials, ...settings, onResult: progress() };
    const report = await runConformance(options);
    say('');
    showBroken(report);
    showSummary(report);
    if (reportFile !== undefined) await writeFile(reportFile, `${JSON.stringify(report, null, 2)}\n`);
    if (junit !== undefined) await writeFile(junit, reportJunit(report));
    if (markdown !== undefined) await writeFile(markdown, reportMarkdown(report));
    return report.failed > 0 || (strict === true && report.skipped > 0) ? exitFailed : exitPassed;
  } finally {
    await mock?.stop();
  }
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has seen enough, as `head` does. Nobody is left to tell.
    if (error.code === 'EPIPE') process.exit(exitNotRun);
    throw error;
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitPassed : exitNotRun;
  else {
    const plain = error instanceof SuiteError;
    process.stderr.write(`The suite could not run: ${plain ? error.message : (error as Error).stack}\n`);
    process.exitCode = exitNotRun;
  }
}
