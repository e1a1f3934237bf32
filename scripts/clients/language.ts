/** The description of a language, and what the run passes to it. */

/** How far a client is tested: the last step that passed. */
export const levels = ['generated', 'compiled', 'run'] as const;
export type Level = (typeof levels)[number];

/** The programs of ours that use a client: the first ten lines, the whole flow, and one call for the judge. */
type Program = 'first' | 'flow' | 'judge';

/** A warning of a generator or compiler that is not a fault of the contract. */
export interface KnownWarning {
  pattern: RegExp;
  why: string;
}

/** Where the client of one language is generated and tested. */
export interface Workbench {
  /** `dist/clients/<id>`: the contract, our programs, and the client where it is generated. */
  directory: string;
  /** Generators and toolchains, reused between runs. */
  cache: string;
  /**
   * Runs a command and returns its output, stdout and stderr.
   *
   * @throws CommandFailed if the command fails, prints an unknown warning, or reaches the language's time limit
   */
  run(command: readonly string[], options?: RunOptions): Promise<string>;
}

/** A program and its environment. */
export interface Tool {
  command: readonly string[];
  env?: Record<string, string>;
}

export interface RunOptions {
  /** Working directory; `directory` by default. */
  cwd?: string;
  /** Added to the environment of this process. */
  env?: Record<string, string>;
  /** Ignores warnings, for tools that install packages. */
  quiet?: boolean;
}

/** A language and the generator of its client. */
export interface Language {
  /** The value of `--lang`. */
  id: string;
  title: string;
  generator: string;
  version: string;
  /** The level that the run must reach. */
  proves: Level;
  /** The command that generates the client in a folder with openapi.yaml. */
  recipe: readonly string[];
  /** Notes for the reader: workarounds, and where the problem is reported. */
  notes?: string[];
  knownWarnings?: KnownWarning[];
  /** The program of the first ten lines in the docs, and the language of its code block. */
  first?: { file: string; fence: string };
  /** Installs the generator and the toolchain if they are missing. */
  prepare(bench: Workbench): Promise<void>;
  /** The program for the first word of the recipe, and its environment. */
  tool(bench: Workbench): Promise<Tool> | Tool;
  /** Compiles or type-checks the client and our programs. */
  compile?(bench: Workbench): Promise<void>;
  /** The command that starts one of our compiled programs. */
  start?(bench: Workbench, program: Program): Promise<string[]>;
}
