/** What a worker shares with the environment of each test file. Both run outside the VM of the file. */
import { relative } from 'node:path';
import type { StartServerHere } from '../../tests/support/server.ts';
import { switchScripts } from './lua-switch.ts';
import type { Load, LuaChange, Measured, Message, Trial } from './protocol.ts';

/** The object that instrumented code reads and writes, as `@stryker-mutator/api` names its fields. */
interface Instrumented {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  /** How often each mutant was reached: by test, and before the first one. */
  mutantCoverage: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
  /** The active mutant of a Lua script. */
  lua?: LuaChange | undefined;
  /** The traced files of the scripts, while tests are measured. */
  traces?: LuaChange[] | undefined;
  switchScripts: typeof switchScripts;
}

/** What the environment finds out about a load. */
interface Found {
  /** Whether the file could be imported. */
  isLoaded: boolean;
  /** Mutants that need no more tests. */
  decided: Set<string>;
  /** How many tests have passed with each mutant. */
  passed: Map<string, number>;
  failedTests: string[];
  /** Why no more tests run; undefined if they do. */
  end: 'done' | 'broken' | undefined;
  /** The time of all tests, in ms. */
  testMs: number;
  measured: Pick<Measured, 'tests' | 'hits' | 'failed'>;
}

interface State {
  instrumented: Instrumented;
  startServer?: StartServerHere;
  /** The statements of scripts that were reached since the last call. */
  takeReached: () => string[];
  load: Load;
  found: Found;
  say: (message: Message) => void;
}

const noLoad: Load = { file: '', kind: 'switch', trials: [], usualMs: {} };

/** Nothing yet. */
export const nothingFound = (): Found => ({
  isLoaded: false,
  decided: new Set(),
  passed: new Map(),
  failedTests: [],
  end: undefined,
  testMs: 0,
  measured: { tests: [], hits: {}, failed: [] },
});

// Jest loads the environment as a module of its own, so a variable of this module would exist twice.
const name = Symbol.for('portico.code-mutants');
const globals = globalThis as { __stryker__?: Instrumented; [name]?: State };

/** The state of this process. */
export function state(): State {
  globals.__stryker__ ??= { mutantCoverage: { static: {}, perTest: {} }, switchScripts };
  globals[name] ??= {
    instrumented: globals.__stryker__,
    load: noLoad,
    found: nothingFound(),
    say: () => {},
    takeReached: () => [],
  };
  return globals[name];
}
// Before the code of the server is loaded.
state();

/** Switches a mutant on, or all off. */
export function activate(trial: Trial | undefined): void {
  const { mutant, lua, hitLimit } = trial ?? {};
  Object.assign(state().instrumented, { activeMutant: mutant, lua, hitLimit, hitCount: trial && 0 });
}

/** The id of everything that a test file runs outside its tests. */
export const fileId = (path: string): string => relative(process.cwd(), path);
