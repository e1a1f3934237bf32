/** The checker: a Go program with porcupine, in checker/. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { goProgram } from '../../go-tools/tool.ts';
import type { Call } from './history.ts';

/** An object whose calls are not linearizable, with a small part of them that shows it. */
export interface Violation {
  object: string;
  model: Call['model'];
  calls: Call[];
}

/** What the checker found. */
export interface Checked {
  objects: number;
  calls: number;
  /** The objects for which the search took too long. */
  undecided: string[];
  violations: Violation[];
}

/** Builds the checker, if it is not built. Takes some seconds the first time. @throws MissingBinary; Error with the output of Go */
export const buildChecker = (): Promise<string> => goProgram(join(import.meta.dirname, 'checker'));

/**
 * Decides whether a history is linearizable.
 *
 * @param visualize the file for the page that porcupine draws of the first violation
 * @throws Error with the output of the checker
 */
export async function checkHistory(calls: Call[], visualize?: string): Promise<Checked> {
  const args = visualize === undefined ? [] : ['-visualize', visualize];
  const child = spawn(await buildChecker(), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(calls.map((call) => `${JSON.stringify(call)}\n`).join(''));
  const output = await text(child.stdout);
  if (output === '') throw new Error('the checker could not read the history');
  return JSON.parse(output);
}
