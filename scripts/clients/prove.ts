/** Tests one language: generates its client, compiles it, and runs our programs. */
import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailed, runCommand } from './command.ts';
import { type Language, type Level, levels, type Workbench } from './language.ts';

const root = join(import.meta.dirname, '../..');

/** The result of one language. */
export interface Proof {
  language: Language;
  /** The level that it reached; undefined if the generator failed. */
  reached: Level | undefined;
  /** Duration of each step, in seconds. */
  seconds: Record<string, number>;
  /** Why it stopped. */
  fault?: string;
}

/** Whether it reached its level without a fault. */
export const hasPassed = ({ language, reached, fault }: Proof): boolean =>
  fault === undefined && reached !== undefined && levels.indexOf(reached) >= levels.indexOf(language.proves);

async function workbench(language: Language, signal: AbortSignal): Promise<Workbench> {
  const directory = join(root, 'dist/clients', language.id);
  const cache = join(root, '.cache/clients');
  await rm(directory, { recursive: true, force: true });
  for (const needed of [directory, cache]) await mkdir(needed, { recursive: true });
  const programs = join(import.meta.dirname, 'programs', language.id);
  if (existsSync(programs)) await cp(programs, directory, { recursive: true });
  await cp(join(root, 'openapi.yaml'), join(directory, 'openapi.yaml'));
  const known = language.knownWarnings ?? [];
  return {
    directory,
    cache,
    run: (command, options = {}) => runCommand(command, { cwd: directory, ...options, known, signal }),
  };
}

/** Runs the recipe. */
async function generate(language: Language, bench: Workbench): Promise<void> {
  const { command, env = {} } = await language.tool(bench);
  await bench.run([...command, ...language.recipe.slice(1)], { env });
}

/** Runs our programs with a compiled client. */
export type RunPrograms = (language: Language, bench: Workbench) => Promise<void>;

/**
 * Runs all steps of a language.
 *
 * @param minutes time limit, including the installation of its tools
 */
export async function prove(language: Language, minutes: number, run: RunPrograms): Promise<Proof> {
  const bench = await workbench(language, AbortSignal.timeout(minutes * 60_000));
  const proof: Proof = { language, reached: undefined, seconds: {} };
  const step = async (name: string, work: () => Promise<void>, reached?: Level) => {
    const begun = performance.now();
    try {
      await work();
      if (reached !== undefined) proof.reached = reached;
    } finally {
      proof.seconds[name] = Math.round((performance.now() - begun) / 100) / 10;
    }
  };
  try {
    await step('prepare', () => language.prepare(bench));
    await step('generate', () => generate(language, bench), 'generated');
    const { compile } = language;
    if (compile !== undefined) await step('compile', () => compile(bench), 'compiled');
    if (language.start !== undefined) await step('run', () => run(language, bench), 'run');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    proof.fault = error instanceof CommandFailed ? error.message : (error.stack ?? error.message);
  }
  return proof;
}
