/** `npm run conformance` runs the contract suite against a server. Exit codes are listed in the help text below. */
import { readFile, writeFile } from 'node:fs/promises';
import { Command, CommanderError, Option } from 'commander';
import { readSpec } from './engine/spec.ts';
import {
  type ConformanceReport,
  listChecks,
  type Profile,
  parseExpectedFailures,
  profiles,
  runConformance,
  SuiteError,
} from './index.ts';
import { reportBadge } from './report/badge.ts';
import { reportHtml } from './report/html.ts';
import { reportJunit } from './report/junit.ts';
import { reportMarkdown } from './report/markdown.ts';
import { progress, showBroken, showChecks, showSummary } from './report/screen.ts';
import { startPrism } from './targets/prism.ts';

/** The root keys, and what each is. Each has an option, one for a file that contains it, and an environment variable. */
const rootKeys = {
  rootKey: ['--root-key', 'a root key with all permissions'],
  foreignRootKey: ['--foreign-root-key', 'a root key of another workspace'],
  otherApiRootKey: ['--other-api-root-key', 'a root key of the same workspace with permissions on one API alone'],
  limitedRootKey: [
    '--limited-root-key',
    'a root key of the same workspace with only portal.*.create_session and api.*.read_analytics',
  ],
} as const;
type RootKeyName = keyof typeof rootKeys;

type RootKeyFlags = Partial<Record<RootKeyName | `${RootKeyName}File`, string>>;
interface Flags extends RootKeyFlags {
  target?: string;
  slug?: string;
  disabledSlug?: string;
  openapiUrl?: string;
  profile: Profile;
  only?: string;
  list?: true;
  seed?: string;
  readOnly?: true;
  clean?: true;
  expectedFailures?: string;
  concurrency: string;
  report?: string;
  junit?: string;
  markdown?: string;
  html?: string;
  badge?: string;
  targetVersion?: string;
  contractVersion?: string;
  strict?: true;
  strictResponses?: true;
}

const exitPassed = 0;
const exitFailed = 1;
const exitNotRun = 2;

const program = new Command('conformance')
  .description('Tests over HTTP whether a server conforms to the contract in openapi.yaml.')
  .option('--target <url>', 'base URL of the server, or "prism" for a mock of the contract')
  .option('--slug <slug>', "an enabled portal in the root key's workspace")
  .option('--disabled-slug <slug>', 'a disabled portal in that workspace; without it the suite skips some checks')
  .option(
    '--openapi-url <url>',
    'an OpenAPI document that the server can fetch; without it the suite skips some checks',
  )
  .addOption(
    new Option('--profile <name>', 'the part of the contract that the server claims')
      .choices(Object.keys(profiles))
      .default('full'),
  )
  .option('--contract-version <version>', 'the contract of the last release instead of the present one')
  .option('--only <pattern>', 'run only the checks whose "operation › promise" matches this regular expression')
  .option('--list', 'print the checks with their profiles and sources, and run none; needs no target')
  .option(
    '--expected-failures <file>',
    'checks that are known to fail, one "operation › promise # reason" in each line; one that passes fails the run',
  )
  .option('--seed <n>', 'repeat the order and the ids of another run, which has printed its seed')
  .option('--read-only', 'run only the checks that cannot change the target')
  .option('--clean', 'delete what the suite has created, at the end: portals, APIs, users with their sessions and keys')
  .option('--concurrency <n>', 'maximum number of checks that run at once', '4')
  .option('--report <file>', 'write the report as JSON')
  .option('--junit <file>', 'write the report as JUnit XML')
  .option('--markdown <file>', 'write the report as Markdown')
  .option('--html <file>', 'write the report as one HTML file')
  .option('--badge <file>', 'write a badge as SVG: what the profile promises, and what of it held')
  .option('--target-version <version>', 'the version of the target, for the reports; by default its header Server')
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
Pass root keys in ROOT_KEY, FOREIGN_ROOT_KEY, OTHER_API_ROOT_KEY and LIMITED_ROOT_KEY, or in files: npm prints the arguments of a script,
also to the log of a CI job. Without the keys after the first, the suite skips some checks.

Profiles:
${Object.entries(profiles)
  .map(([name, promise]) => `  ${name.padEnd(12)}${promise}`)
  .join('\n')}

Exit code: 0 every check that ran passed or failed as expected, 1 a check failed or passed unexpectedly, 2 the suite could not run,
or skipped every check.

Examples:
  $ export ROOT_KEY=rk_…
  $ npm run conformance -- --target http://localhost:3000 --slug my-portal
  $ npm run conformance -- --target https://api.acme.example --slug my-portal --strict \\
      --disabled-slug closed --openapi-url https://docs.acme.example/openapi.json \\
      --junit junit.xml --markdown report.md
  $ npm run conformance -- --target http://localhost:3000 --slug my-portal --profile seeds
  $ npm run conformance -- --target prism`,
  );

for (const [name, [flag, what]] of Object.entries(rootKeys)) {
  const variable = name.replaceAll(/[A-Z]/g, '_$&').toUpperCase();
  program.addOption(new Option(`${flag} <key>`, what).env(variable));
  program.option(`${flag}-file <file>`, `a file that contains only this key, instead of ${flag}`);
}

/** @throws SuiteError without what the file contains */
async function readText(flag: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SuiteError(`${flag} cannot be read: ${error.message}`);
  });
}

/** The root keys of the options, the files and the environment, in this order. */
async function readRootKeys(flags: Flags): Promise<Partial<Record<RootKeyName, string>>> {
  const found: Partial<Record<RootKeyName, string>> = {};
  for (const [name, [flag]] of Object.entries(rootKeys) as [RootKeyName, readonly [string, string]][]) {
    const file = flags[`${name}File`];
    if (file === undefined) {
      if (flags[name]) found[name] = flags[name];
      continue;
    }
    if (program.getOptionValueSource(name) === 'cli')
      throw new SuiteError(`${flag} and ${flag}-file exclude each other`);
    const key = (await readText(`${flag}-file`, file)).trim();
    if (!/^\S+$/.test(key)) throw new SuiteError(`${flag}-file "${file}" contains no key, or more than one`);
    found[name] = key;
  }
  return found;
}

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

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new SuiteError('--seed takes an integer from 0 to 999999999');
  return Number(text);
}

/** Writes the reports that the options ask for. */
async function writeReports(report: ConformanceReport, flags: Flags): Promise<void> {
  if (flags.report !== undefined) await writeFile(flags.report, `${JSON.stringify(report, null, 2)}\n`);
  if (flags.junit !== undefined) await writeFile(flags.junit, reportJunit(report));
  if (flags.markdown !== undefined) await writeFile(flags.markdown, reportMarkdown(report));
  if (flags.html !== undefined) await writeFile(flags.html, reportHtml(report));
  if (flags.badge !== undefined) await writeFile(flags.badge, reportBadge(report));
}

/** @throws SuiteError if every check was skipped: then nothing is known about the target */
function refuseNothing({ results }: ConformanceReport): void {
  if (results.some(({ outcome }) => outcome !== 'skipped')) return;
  const [first, ...others] = new Set(results.map(({ reason }) => reason));
  const more = others.length === 0 ? '' : `, and ${others.length} more ${others.length === 1 ? 'reason' : 'reasons'}`;
  throw new SuiteError(`every chosen check was skipped: ${first}${more}`);
}

async function main(): Promise<number> {
  await program.parseAsync();
  const flags = program.opts<Flags>();
  const {
    target,
    slug,
    disabledSlug,
    openapiUrl,
    profile,
    strictResponses,
    readOnly,
    clean,
    targetVersion,
    contractVersion,
  } = flags;
  const selection = {
    profile,
    readOnly,
    contractVersion,
    ...(flags.only !== undefined && { only: parsePattern(flags.only) }),
  };
  if (flags.list) {
    showChecks(await listChecks(selection));
    return exitPassed;
  }
  if (target === undefined) return program.error("error: required option '--target <url>' not specified");
  if (flags.badge !== undefined && (flags.only !== undefined || readOnly)) {
    throw new SuiteError('--badge needs a whole profile: it goes with neither --only nor --read-only');
  }
  const listed = flags.expectedFailures;
  const options = {
    ...selection,
    ...(slug !== undefined && { slug }),
    ...{ disabledSlug, openapiUrl, strictResponses, clean, targetVersion },
    ...(await readRootKeys(flags)),
    concurrency: parseConcurrency(flags.concurrency),
    ...(flags.seed !== undefined && { seed: parseSeed(flags.seed) }),
    ...(listed !== undefined && {
      expectedFailures: parseExpectedFailures(await readText('--expected-failures', listed)),
    }),
  };
  const interrupted = new AbortController();
  // The first Ctrl+C lets the running checks end and cleans up; a second one ends the process.
  process.once('SIGINT', () => interrupted.abort());
  const mock = target === 'prism' ? await startPrism(await readSpec()) : undefined;
  try {
    const report = await runConformance({
      ...{ target: mock ?? target, signal: interrupted.signal, onResult: progress() },
      ...options,
    });
    process.stdout.write('\n');
    showBroken(report);
    showSummary(report);
    await writeReports(report, flags);
    refuseNothing(report);
    const isBroken = report.failed + report.unexpected > 0 || (flags.strict === true && report.skipped > 0);
    return isBroken ? exitFailed : exitPassed;
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
