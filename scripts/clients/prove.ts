/** Proves one language: makes its client, compiles it, and runs our programs with it against the server. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CommandFailed, runCommand } from './command.ts';
import { faultsOf } from './expected.ts';
import { type Language, type Level, levels, type Workbench } from './language.ts';
import type { Stage } from './stage.ts';

const root = join(import.meta.dirname, '../..');

/** What came of a language. */
export interface Proof {
  language: Language;
  /** How far it got; nothing where not even the client could be made. */
  reached: Level | undefined;
  /** s that each step took. */
  seconds: Record<string, number>;
  /** Why it got no further. */
  fault?: string;
}

/** Whether it got as far as it must. */
export const held = ({ language, reached, fault }: Proof): boolean =>
  fault === undefined && reached !== undefined && levels.indexOf(reached) >= levels.indexOf(language.proves);

async function workbench(language: Language, signal: AbortSignal): Promise<Workbench> {
  const directory = join(root, 'dist/clients', language.id);
  const cache = join(root, '.cache/clients');
  await rm(directory, { recursive: true, force: true });
  for (const needed of [directory, cache]) await mkdir(needed, { recursive: true });
  const programs = join(import.meta.dirname, 'programs', language.id);
  if (language.start !== undefined) await cp(programs, directory, { recursive: true });
  await cp(join(root, 'openapi.yaml'), join(directory, 'openapi.yaml'));
  const known = language.knownWarnings ?? [];
  return {
    directory,
    cache,
    run: (command, options = {}) => runCommand(command, { cwd: directory, ...options, known, signal }),
  };
}

/** Does what the recipe tells the reader to do. */
async function generate(language: Language, bench: Workbench): Promise<void> {
  const { command, env = {} } = await language.tool(bench);
  await bench.run([...command, ...language.recipe.slice(1)], { env });
}

/** The link that the first lines print opens a session, once: as good as that the user had followed it. */
async function expectLink(output: string, baseUrl: string): Promise<void> {
  const [, sessionId] = /^\S+\?session=(pst_\w+)\s*$/.exec(output) ?? [];
  const response = await fetch(`${baseUrl}/v2/portal.exchangeSession`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sessionId }),
  });
  if (!response.ok) throw new CommandFailed(`the first lines print no link that opens:\n${output}`);
}

/** A server logs an answer once it is sent, so the last ones may not be there at once. */
async function expectFlow(output: string, stage: Stage): Promise<void> {
  const giveUp = Date.now() + 2000;
  let faults = faultsOf(output, stage.answered());
  while (faults.length > 0 && Date.now() < giveUp) {
    await setTimeout(50);
    faults = faultsOf(output, stage.answered());
  }
  if (faults.length > 0) throw new CommandFailed(`flow:\n${faults.join('\n')}`);
}

async function runPrograms(language: Language, bench: Workbench, stage: Stage): Promise<void> {
  for (const program of ['first', 'flow'] as const) {
    const command = await language.start?.(bench, program);
    if (command === undefined) throw new CommandFailed(`${language.id}: nothing starts ${program}`);
    const env = await stage.newcomer();
    const output = await bench.run(command, { env });
    if (program === 'first') await expectLink(output, env['BASE_URL'] ?? '');
    if (program === 'flow') await expectFlow(output, stage);
  }
}

/**
 * Takes a language as far as it is to be proved.
 *
 * @param minutes how long it may take, its tools' installation too
 */
export async function prove(language: Language, stage: Stage, minutes: number): Promise<Proof> {
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
    if (language.start !== undefined) await step('run', () => runPrograms(language, bench, stage), 'run');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    proof.fault = error instanceof CommandFailed ? error.message : (error.stack ?? error.message);
  }
  return proof;
}
