/** Runs tools of other languages with low priority and a time limit, each in its own process group. */
import { spawn } from 'node:child_process';
import type { KnownWarning, RunOptions } from './language.ts';

/** A tool failed or printed a warning. The message contains the command and its output. */
export class CommandFailed extends Error {}

/** The warnings in an output that are not in the list of known ones. */
const warningsIn = (output: string, known: readonly KnownWarning[]): string[] =>
  output.split('\n').filter((line) => /\bwarn(ing)?\b/i.test(line) && !known.some(({ pattern }) => pattern.test(line)));

/**
 * Runs a command and returns its output, stdout and stderr.
 *
 * @param signal kills the command and all processes that it started
 * @throws CommandFailed
 */
export async function runCommand(
  command: readonly string[],
  { cwd, env, quiet = false, known, signal }: RunOptions & { known: readonly KnownWarning[]; signal: AbortSignal },
): Promise<string> {
  const shown = command.join(' ');
  if (signal.aborted) throw new CommandFailed(`no time left for: ${shown}`);
  const child = spawn('nice', ['-n', '10', ...command], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Compilers start other processes; killing the group ends all of them.
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
  if (signal.aborted) throw new CommandFailed(`time limit reached, killed: ${shown}\n${output}`);
  if (code !== 0) throw new CommandFailed(`failed (${String(code)}): ${shown}\n${output}`);
  const warnings = quiet ? [] : warningsIn(output, known);
  if (warnings.length > 0) throw new CommandFailed(`warns: ${shown}\n${[...new Set(warnings)].join('\n')}`);
  return output;
}
