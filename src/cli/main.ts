/** The operator's command line. Works on the Redis of REDIS_URL directly, `session create` through the HTTP API. */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { Problem } from '../problem.ts';
import { redact } from '../redact.ts';
import { StoreUnavailable } from '../store/redis.ts';
import { addApiCommands } from './api.ts';
import { addAuditCommands } from './audit.ts';
import { addDoctorCommand } from './doctor.ts';
import { addPortalCommands } from './portal.ts';
import { addRootKeyCommands } from './root-key.ts';
import { ApiRefusal, addSessionCommands } from './session.ts';
import { addUsageCommands } from './usage.ts';
import { addWorkspaceCommands } from './workspace.ts';

const program = new Command('portico')
  .description('Runs a Portico from the command line: workspaces, root keys, APIs, portals, sessions, usage, audit.')
  .addHelpText(
    'after',
    `
Reads REDIS_URL (redis://127.0.0.1:6379). With --json each command prints one line of JSON.

Examples:
  $ npm run -s portico -- workspace create --name Acme
  $ npm run -s portico -- portal create --workspace ws_… --slug my-portal --return-url https://app.acme.example
  $ npm run -s portico -- session create --root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key'`,
  )
  .exitOverride()
  .showHelpAfterError('(add --help for usage and examples)');

addWorkspaceCommands(program);
addApiCommands(program);
addRootKeyCommands(program);
addPortalCommands(program);
addSessionCommands(program);
addAuditCommands(program);
addDoctorCommand(program);
addUsageCommands(program);

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
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own already; its help and version end here too, with exit code 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else {
    process.stderr.write(`${redact(messageOf(error) ?? (error as Error).stack ?? String(error))}\n`);
    process.exitCode = 1;
  }
}
