/** What the command and its workers send to each other. */

/** A change of a Lua script: the text of its file before and after it. */
export interface LuaChange {
  source: string;
  text: string;
}

/** The tests of one file that a mutant runs against. */
export interface Trial {
  mutant: string;
  /** Only for a mutant of Lua. */
  lua?: LuaChange | undefined;
  /** The full names of the tests, in their order. */
  tests: string[];
  /** How often the code of the mutant may run in one test: an endless loop ends. */
  hitLimit: number;
}

/** A test file that a worker loads. */
export interface Load {
  file: string;
  /**
   * - `measure`: each test runs twice without a mutant. What only the first run covers cannot be noticed by later ones.
   * - `switch`: the file is loaded once, and each trial switches its mutant on for its tests. A test that fails must pass again: with
   *   the next mutant, or without one. If it still fails, the trials before it have broken something, and the load ends.
   * - `alone`: like `switch` for one trial, of which nothing is believed that another could have caused: its first test runs without
   *   the mutant first.
   * - `whole`: the file is loaded for each trial, with its mutant from the start. At the end the tests that failed run in a load
   *   without a mutant.
   */
  kind: 'measure' | 'switch' | 'alone' | 'whole';
  trials: Trial[];
  /** The usual duration of a test by its full name, in ms. */
  usualMs: Record<string, number>;
}

/** What a file showed without a mutant. `covers` are the ids of mutants, `lua:` with the names of scripts, and the statements that they reached. */
export interface Measured {
  file: string;
  /** The time of everything but its tests, in ms. */
  loadMs: number;
  /** What is covered before the first file. */
  atStart: string[];
  /** What its imports and its set-up cover. */
  outside: string[];
  /** `once`: what only the first run in a load covers, or all if the second one fails. */
  tests: { name: string; ms: number; covers: string[]; once: string[] }[];
  /** The most hits of a mutant in one test. */
  hits: Record<string, number>;
  /** The tests that fail. */
  failed: string[];
}

/** What a worker reports about a load. */
export type Message =
  /** The next message follows within this time, in ms, or the worker is blocked by this mutant. */
  | { within: number; mutant?: string | undefined }
  | { measured: Measured }
  /** `unsure`: a test has failed, but perhaps not because of this mutant. */
  | { mutant: string; outcome: 'killed' | 'survived' | 'unsure'; test?: string | undefined }
  /**
   * It has ended. `broken`: tests fail without a mutant, also in a new load of this worker. `cpuMs` is what the worker has used since the
   * load before.
   */
  | { end: 'done' | 'broken'; cpuMs?: number };

/** How a load ended. `lost`: the worker was blocked or has ended, perhaps by the mutant that was active. */
export interface Ending {
  end: 'done' | 'broken' | 'lost';
  active?: string | undefined;
  cpuMs?: number | undefined;
}
