/** Runs the tools of other languages: at a low priority, in a group of their own, until their time is over. */
import { spawn } from 'node:child_process';
import type { KnownWarning, RunOptions } from './language.ts';

/** A tool has failed, or has warned; the message says which, and what it printed. */
export class CommandFailed extends Error {}

/** The lines of an output that warn of something that is not known. */
const warningsIn = (output: string, known: readonly KnownWarning[]): string[] =>
  output.split('\n').filter((line) => /\bwarn(ing)?\b/i.test(line) && !known.some(({ pattern }) => pattern.test(line)));

/**
 * Runs a command and returns what it printed, on both streams.
 *
 * @param signal ends it, with all that it has started
 * @throws CommandFailed
 */
export async function runCommand(
  command: readonly string[],
  { cwd, env, quiet = false, known, signal }: RunOptions & { known: readonly KnownWarning[]; signal: AbortSignal },
): Promise<string> {
  const shown = command.join(' ');
  if (signal.aborted) throw new CommandFailed(`no time is left for: ${shown}`);
  const child = spawn('nice', ['-n', '10', ...command], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Compilers start others; they all end with the group.
    detached: true,
  });
  const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  signal.addEventListener('abort', end);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const code = await new Promise<number | null | Error>((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  signal.removeEventListener('abort', end);
  if (signal.aborted) throw new CommandFailed(`time is over; ended: ${shown}\n${output}`);
  if (code !== 0) throw new CommandFailed(`failed (${String(code)}): ${shown}\n${output}`);
  const warnings = quiet ? [] : warningsIn(output, known);
  if (warnings.length > 0) throw new CommandFailed(`warns: ${shown}\n${[...new Set(warnings)].join('\n')}`);
  return output;
}
