/** What the runner of the code mutants shares with the environment of each test file. Both run outside the VM of the file. */
import { relative } from 'node:path';
import type { StartServerHere } from '../../tests/support/server.ts';

/** The object that instrumented code reads and writes, as `@stryker-mutator/api` names its fields. */
interface Instrumented {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: object;
  /** By test, the Lua scripts that it runs; only in the copies that run mutants of Lua. */
  scripts?: Record<string, Record<string, true>>;
}

interface State {
  instrumented: Instrumented;
  startServer: StartServerHere | undefined;
}

// Jest loads the environment as a module of its own, so a variable of this module would exist twice.
const name = Symbol.for('portico.code-mutants');

/** The state of this process. */
export function state(): State {
  const globals = globalThis as { __stryker__?: Instrumented; [name]?: State };
  globals.__stryker__ ??= {};
  globals[name] ??= { instrumented: globals.__stryker__, startServer: undefined };
  return globals[name];
}

const separator = ' > ';

/** The id of everything that a test file runs outside its tests: imports, set-up, hooks. */
export const fileId = (path: string): string => relative(process.cwd(), path);

/** The id of a test. */
export const testId = (path: string, fullName: string): string => `${fileId(path)}${separator}${fullName}`;

/** The file of an id, and the full name of its test, or undefined for the file itself. */
export function partsOf(id: string): { file: string; fullName: string | undefined } {
  const at = id.indexOf(separator);
  return at < 0
    ? { file: id, fullName: undefined }
    : { file: id.slice(0, at), fullName: id.slice(at + separator.length) };
}
