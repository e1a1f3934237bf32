/** The operator's command line. Works on the Redis of REDIS_URL directly, `session create` through the HTTP API. */
import { CommanderError } from 'commander';
import { ConfigError } from '../config/index.ts';
import { Problem } from '../problem.ts';
import { redact } from '../redact.ts';
import { StoreUnavailable } from '../store/redis.ts';
import { createProgram } from './program.ts';
import { ApiRefusal } from './session.ts';

/** What a person is told of a failure; undefined where it is not one they can do something about. */
function messageOf(error: unknown): string | undefined {
  if (error instanceof Problem) {
    const failures = error.failures?.map(({ location, message, fix }) => {
      // Of the whole input there is no flag to name.
      if (location === 'body') return '\n  Add --external-id, --slug or --handle.';
      return `\n  --${flagOf(location)} ${message}. ${fix ?? ''}`;
    });
    return failures === undefined ? error.message : `These flags are not valid:${failures.join('')}`;
  }
  if (error instanceof StoreUnavailable) return 'Redis cannot be reached. Check REDIS_URL, and that Redis runs.';
  if (error instanceof ConfigError || error instanceof ApiRefusal) return error.message;
  return undefined;
}

/** `body.branding.logoUrl` → `logo-url`, `body.apiIds[0]` → `api-id` */
const flagOf = (location: string) =>
  (location.split('.').at(-1) ?? '')
    .replace(/s\[\d+\]$/, '')
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has printed its own already; its help and version end here too, with exit code 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else {
    process.stderr.write(`${redact(messageOf(error) ?? (error as Error).stack ?? String(error))}\n`);
    process.exitCode = 1;
  }
}
