import { CommanderError } from 'commander';
import { ConfigError } from '../config/index.ts';
import { Problem } from '../problem.ts';
import { redact } from '../redact.ts';
import { StoreUnavailable } from '../store/redis.ts';
import { createProgram } from './program.ts';
import { ApiRefusal } from './session.ts';

/** `body.branding.logoUrl` → `logo-url`, `body.apiIds[0]` → `api-id` */
const flagOf = (location: string) =>
  (location.split('.').at(-1) ?? '')
    .replace(/s\[\d+\]$/, '')
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The message of an expected failure; undefined for a failure that the operator cannot fix. */
function messageOf(error: unknown): string | undefined {
  if (error instanceof StoreUnavailable) return 'Redis is unreachable. Check REDIS_URL and that Redis is running.';
  if (error instanceof Problem) {
    const failures = error.failures?.map(({ location, message, fix }) => {
      // This failure is about the whole input, so there is no flag to name.
      if (location === 'body') return '\n  Add --external-id, --slug or --handle.';
      return `\n  --${flagOf(location)} ${message}. ${fix ?? ''}`;
    });
    return failures === undefined ? error.message : `Invalid flags:${failures.join('')}`;
  }
  if (error instanceof ConfigError || error instanceof ApiRefusal) return error.message;
  return undefined;
}

/**
 * Runs one command of the command line, with its output on stdout and its errors on stderr.
 *
 * @param args the arguments after the name of the program
 * @returns the exit code
 */
export async function runCommandLine(args: string[]): Promise<number> {
  // Node puts this character in the place of bytes that are not UTF-8, so two different identifiers could become the same.
  const unclear = args.findIndex((arg) => arg.includes('\uFFFD'));
  if (unclear >= 0) {
    process.stderr.write(`Argument ${unclear + 1} is not valid UTF-8, or contains the replacement character U+FFFD.\n`);
    return 1;
  }
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // The code that throws it has printed its message. Help and version also throw it, with exit code 0.
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`${redact(messageOf(error) ?? (error as Error).stack ?? String(error))}\n`);
    return 1;
  }
}
