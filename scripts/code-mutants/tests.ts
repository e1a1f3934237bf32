/**
 * The tests that mutants of the code run against: those that need neither a browser nor processes of their own. Tests of
 * faults, topologies and start-up cover the code too, but a mutant cannot reach their processes.
 */
import { globSync } from 'node:fs';
import { wordsOf } from './words.ts';

/** The rooms below tests/ that qualify. A test of growth takes minutes, and covers nothing that others do not. */
const patterns = [
  'src/server/**/*.test.ts',
  'tests/{app,audit,cli,documents,isolation,limits,logs,migration,pages,store}/*.test.ts',
  'tests/contract/contract.test.ts',
  'tests/docs/served.test.ts',
  'tests/process/run.test.ts',
  'tests/restore/fence.test.ts',
];

/** Parts of the full names of tests that need a process of their own, or wait for a deadline of Redis. */
const needsProcess = [
  'a hostile document does not break the server',
  'the doctor also writes its findings to the log of a starting server',
  'does not contain the password of Redis',
  'unreachable',
  'every documented field of every response was seen',
  'the program takes its arguments, writes to its own stdout and stderr',
  'ends quietly if nobody reads its output',
  'and ends at a signal',
];

/** The environment variable with parts of paths, separated by commas: only test files that contain one of them run. */
export const testsVariable = 'PORTICO_CODE_MUTANTS_TESTS';

/** Tests without a server are fast, and notice most. */
const isFast = (file: string) => /^(src|tests\/store)\//.test(file);

/** The test files, as paths from a directory: the fast ones first. */
export const testFiles = (directory: string): string[] =>
  globSync(patterns, { cwd: directory, exclude: ['**/node_modules/**', 'tests/limits/growth.test.ts'] })
    .filter((file) => (process.env[testsVariable] ?? '').split(',').some((part) => file.includes(part)))
    .toSorted()
    .toSorted((a, b) => Number(isFast(b)) - Number(isFast(a)));

/** Whether a test can run in this process, by its full name. */
export const runsHere = (fullName: string): boolean => !needsProcess.some((part) => fullName.includes(part));

/** Test files in the order of how many words of their paths are in a path of changed files: they probably test them. */
export function nearestFirst(names: string[], changedFiles: string[]): string[] {
  const changed = changedFiles.map(wordsOf);
  const nearness = (name: string) =>
    Math.max(0, ...changed.map((words) => [...wordsOf(name)].filter((word) => words.has(word)).length));
  return names.toSorted((a, b) => nearness(b) - nearness(a));
}
