/** What every proof has: its options, its seed, the exit code, and the page with its last result. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomOf } from '../../tests/support/random.ts';
import { MissingBinary } from '../../tests/support/system-binary.ts';
import { buildIfStale } from '../freshness/if-stale.ts';
import { machine } from '../lab/soak/report.ts';

/** The proof could not run on this machine, so it says nothing about the promise. */
export class CouldNotRun extends Error {}

/** What a run gets from the command line. */
export interface ProofOptions {
  seed: number;
  /** For how long it runs, or how often; undefined without the option. */
  seconds: number | undefined;
  runs: number | undefined;
  /** Repeats one failure, as the proof has printed it. */
  replay: string | undefined;
  /** Whether the result becomes a page of the documentation. */
  write: boolean;
  /** The random numbers of this seed, from 0 to less than 1. */
  random: () => number;
  /** The options that only this proof has. */
  more: Record<string, string | undefined>;
}

/** What a run has found. */
export interface ProofResult {
  held: boolean;
  /** The result in a few sentences, for the terminal and for the page. */
  lines: string[];
  /** More of the result for the page alone, as Markdown. */
  details?: string;
  /** The options of this proof alone with which it ran, for the command on the page. */
  args?: string[];
  /** For a run that has another page: the end of its name and of its title, and its position. */
  variant?: { name: string; title: string; order: number };
}

/** A proof as its page of the documentation names it. */
export interface Proof {
  /** Its name on the command line. */
  name: string;
  title: string;
  description: string;
  /** The position of its page, and the group that it is in: see src/docs/site.ts. */
  order: number;
  group: string;
}

/** Renders docs/evidence/NAME.md. */
function pageOf(
  { name, title, description, order, group }: Proof,
  args: string,
  { lines, details, variant }: ProofResult,
): string {
  const { day, processor, memory, system, node, redis } = machine();
  return `---
title: ${title}${variant?.title ?? ''}
description: ${description}
order: ${variant?.order ?? order}
group: ${group}
---

# ${title}${variant?.title ?? ''}

Use this page to see the last result of \`npm run prove -- ${name}${args}\`, which wrote it; do not edit it by hand.
[What is proved, and how](../operate/what-is-proved.md) says what the result means.

${lines.map((line) => `- ${line}`).join('\n')}
- Machine: ${day}, ${processor}, ${memory}, ${system}, Node ${node}, Redis ${redis}. Other work ran on the machine.
${details === undefined ? '' : `\n${details.trim()}\n`}`;
}

/**
 * Runs a proof with the options of the command line, prints its result, and sets the exit code: 0 if the promise held, 1 if not, and
 * 2 if the proof could not run.
 *
 * @param more options that only this proof has
 */
export async function runProof(
  proof: Proof,
  prove: (options: ProofOptions) => Promise<ProofResult>,
  more: Record<string, { type: 'string'; default?: string }> = {},
): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...more,
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      seconds: { type: 'string' },
      runs: { type: 'string' },
      replay: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(`npm run prove -- ${proof.name} [--seed N] [--seconds S | --runs N] [--write]\n\n${proof.description}`);
    return;
  }
  const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const [seed, seconds, runs] = [Number(values.seed), numberOf(values.seconds), numberOf(values.runs)];
  console.log(`${proof.name}: seed ${seed}`);
  await buildIfStale();
  try {
    const result = await prove({
      ...{ seed, seconds, runs, replay: values.replay, write: values.write, random: randomOf(seed) },
      more: values as object as Record<string, string | undefined>,
    });
    for (const line of result.lines) console.log(line);
    console.log(result.held ? 'The promise held.' : 'The promise was BROKEN.');
    process.exitCode = result.held ? 0 : 1;
    const { variant } = result;
    const args = [
      ...(result.args ?? []).map((arg) => ` ${arg}`),
      ` --seed ${seed}`,
      seconds && ` --seconds ${seconds}`,
      runs && ` --runs ${runs}`,
    ];
    const page = pageOf(proof, args.filter((arg) => arg).join(''), result);
    const file = `../../docs/evidence/${proof.name}${variant?.name ?? ''}.md`;
    if (values.write) await writeFile(join(import.meta.dirname, file), page);
  } catch (error) {
    if (!(error instanceof CouldNotRun || error instanceof MissingBinary)) throw error;
    console.log(`could not run: ${error.message}`);
    process.exitCode = 2;
  }
}
