/** What the run knows of a language, and what it hands to it. */

/** How far a client is proved: the last of these that was done without a fault. */
export const levels = ['generated', 'compiled', 'run'] as const;
export type Level = (typeof levels)[number];

/** What a generator or a compiler says that is no fault of the contract. */
export interface KnownWarning {
  pattern: RegExp;
  why: string;
}

/** Where one language's client is made and tried. */
export interface Workbench {
  /** `dist/clients/<id>`: the generated client, and our programs beside it. Empty at the start. */
  directory: string;
  /** Kept between runs: generators and toolchains. */
  cache: string;
  /** The programs that we have written for this language. */
  programs: string;
  /** The contract. */
  spec: string;
  /**
   * Runs a command and returns what it printed, on both streams.
   *
   * @throws CommandFailed with what it printed, where it fails or warns, or where the time of the language is over
   */
  run(command: string[], options?: RunOptions): Promise<string>;
}

export interface RunOptions {
  /** `directory` where it is left out. */
  cwd?: string;
  /** Laid over our own environment. */
  env?: Record<string, string>;
  /** Warnings are let pass: those of tools that install. */
  quiet?: boolean;
}

/** A language, with the generator that makes its client. */
export interface Language {
  /** What `--lang` takes. */
  id: string;
  title: string;
  generator: string;
  version: string;
  /** How far the run must get. */
  proves: Level;
  /** What a reader must know: what is worked around, and where that is reported. */
  notes?: string[];
  knownWarnings?: KnownWarning[];
  /** The program of an integrator's first ten lines, and the language of its block of code. */
  first?: { file: string; fence: string };
  /** Installs the generator and the toolchain where they are not there yet. */
  prepare(bench: Workbench): Promise<void>;
  generate(bench: Workbench): Promise<void>;
  /** Compiles or type-checks the client and our programs. */
  compile?(bench: Workbench): Promise<void>;
  /** How one of our programs is started, once compiled. */
  start?(bench: Workbench, program: 'first' | 'flow'): Promise<string[]>;
}
