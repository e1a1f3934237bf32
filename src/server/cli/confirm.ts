import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { CommandFailure, UsageError } from './failure.ts';
import { oneLine } from './output.ts';

/** Adds `--yes` to a command that deletes something or ends sessions. */
export const addYes = (command: Command): Command =>
  command.option('--yes', 'do not ask for confirmation; required without a terminal');

/** The terminal of the operator. */
interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
}

/**
 * Asks the operator before a command changes something that cannot be undone.
 *
 * @param terminal that of the process, unless a test passes its own
 * @throws UsageError without a terminal and without `--yes`; CommandFailure if the answer is not yes
 */
export async function confirm(
  question: string,
  { yes }: { yes?: true | undefined },
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (yes) return;
  if (input.isTTY !== true) throw new UsageError(`There is no terminal to ask on: ${question} Add --yes.`);
  const terminal = createInterface({ input, output });
  // At the end of the input, and at Ctrl-C, no answer comes.
  const closed = once(terminal, 'close').then(() => '');
  const answer = await Promise.race([terminal.question(`${oneLine(question)} [y/N] `), closed]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailure('canceled', 'Canceled. Nothing is changed.');
}
