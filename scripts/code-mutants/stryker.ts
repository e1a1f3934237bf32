/** Mutants of the TypeScript code, made and run by StrykerJS. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { MutantResult, StrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { isInSample } from './plan.ts';
import type { Outcome } from './report.ts';
import { variables } from './runner.ts';

/** What a run of mutants needs. */
export interface RunOptions {
  /** The time for the tests of one mutant, in ms. */
  budgetMs: number;
  /** No mutant begins after this time, in Unix ms. */
  endsAt: number;
  /** How many percent of the mutants are run. */
  sample: number;
  /** By file, pairs of a first and a last line: only their mutants are run. All are if undefined. */
  lines: Map<string, [number, number][]> | undefined;
}

/** Where the instrumented copies of the project and the measurements are. */
export const workDirectory = '.portico/code-mutants';

/** Texts: the mutants of the contract prove those that callers see; the others are help, log and names. */
const excluded = 'StringLiteral';

/** What a copy does not need. */
const ignored = ['.cache', '.portico', 'coverage', 'deploy', 'dist/server', 'docs/evidence'];

const statuses: Partial<Record<MutantResult['status'], Outcome['status']>> = {
  Killed: 'killed',
  Timeout: 'killed',
  Survived: 'survived',
  NoCoverage: 'not covered',
  Ignored: 'ignored',
};

function outcomeOf({ fileName, location, mutatorName, replacement = '', status }: MutantResult): Outcome[] {
  if (mutatorName === excluded) return [];
  const { start, end } = location;
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  const known = statuses[status];
  if (known === undefined) return [];
  const file = relative(process.cwd(), fileName);
  return [{ file, line: start.line, mutator: mutatorName, original: lines.join('\n'), replacement, status: known }];
}

/**
 * Runs the mutants of TypeScript files.
 *
 * @param files paths from the root of the project
 * @throws Error if a test fails without a mutant
 */
export async function runTypeScriptMutants(
  files: string[],
  { budgetMs, endsAt, sample, lines }: RunOptions,
): Promise<Outcome[]> {
  process.env[variables.costs] = join(process.cwd(), workDirectory, 'costs.json');
  process.env[variables.budget] = String(budgetMs);
  process.env[variables.endsAt] = String(endsAt);
  process.env[variables.sample] = String(sample);
  process.env['CONTRACT_TARGET'] = 'server';
  const rangesOf = (file: string) => lines?.get(file)?.map(([first, last]) => `${file}:${first}-${last}`) ?? [file];
  const stryker = new Stryker({
    mutate: files.flatMap(rangesOf),
    testRunner: 'portico',
    plugins: [join(import.meta.dirname, 'runner.ts')],
    coverageAnalysis: 'perTest',
    // Code that runs only while a module is loaded cannot be switched in a server that already runs.
    ignoreStatic: true,
    mutator: { excludedMutations: [excluded] },
    ignorePatterns: ignored,
    concurrency: 4,
    // The copy runs with its types, as the original does.
    disableTypeChecks: false,
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    // Jest does not free all of a test file.
    maxTestRunnerReuse: 60,
    // The runner plans less than all tests that cover a mutant, so their time does not matter.
    timeoutFactor: 0,
    timeoutMS: 3 * budgetMs,
    dryRunTimeoutMinutes: Math.min(30, (endsAt - Date.now()) / 60_000),
    tempDirName: join(workDirectory, 'copies'),
    reporters: ['progress-append-only'],
    logLevel: 'warn' as StrykerOptions['logLevel'],
    allowConsoleColors: false,
    allowEmpty: true,
  });
  try {
    const results = await stryker.runMutationTest();
    return results.filter(({ id }) => isInSample(id, sample)).flatMap(outcomeOf);
  } catch (error) {
    if (Date.now() >= endsAt) return [];
    throw error;
  }
}
