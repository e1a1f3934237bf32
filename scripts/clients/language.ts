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
  /** `dist/clients/<id>`: the contract, our programs, and the client where it is generated. */
  directory: string;
  /** Kept between runs: generators and toolchains. */
  cache: string;
  /**
   * Runs a command and returns what it printed, on both streams.
   *
   * @throws CommandFailed with what it printed, where it fails or warns, or where the time of the language is over
   */
  run(command: readonly string[], options?: RunOptions): Promise<string>;
}

/** A program that was found or installed. */
export interface Tool {
  command: readonly string[];
  env?: Record<string, string>;
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
  /** How a reader makes the client, in a folder with openapi.yaml and the files of `config`. */
  recipe: readonly string[];
  /** What a reader must know: what is worked around, and where that is reported. */
  notes?: string[];
  knownWarnings?: KnownWarning[];
  /** The program of an integrator's first ten lines, and the language of its block of code. */
  first?: { file: string; fence: string };
  /** Installs the generator and the toolchain where they are not there yet. */
  prepare(bench: Workbench): Promise<void>;
  /** How the first word of the recipe is called here, and with what environment. */
  tool(bench: Workbench): Promise<Tool> | Tool;
  /** Compiles or type-checks the client and our programs. */
  compile?(bench: Workbench): Promise<void>;
  /** How one of our programs is started, once compiled. */
  start?(bench: Workbench, program: 'first' | 'flow'): Promise<string[]>;
}
