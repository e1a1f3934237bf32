/** How a command fails: the exit code, and what it prints. */
import { CommanderError } from 'commander';
import { ConfigError } from '../config/index.ts';
import { Problem } from '../problem.ts';
import { redact } from '../redact.ts';
import { DataRefused, StoreUnavailable } from '../store/redis.ts';

/** The exit codes, with their documentation. */
export const exitCodes = {
  0: 'the command succeeded',
  1: 'the command was refused: a name does not exist, or a rule forbids the change. `portico doctor` found an error',
  2: 'the command line or a setting is invalid, or `--yes` is missing',
  3: 'Redis or the server is unavailable, or Redis refuses the command; try again later',
  4: 'an unexpected error, printed with its stack',
} as const;

type ExitCode = Exclude<keyof typeof exitCodes, 0>;

/** A failure that a command expects. The message is one sentence for the operator. */
export class CommandFailure extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly errors: FailureReport['errors'];

  /** @param code names the failure for programs */
  constructor(code: string, message: string, exitCode: ExitCode = 1, errors?: FailureReport['errors']) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
    this.errors = errors;
  }
}

/** The command line contradicts itself, or lacks something. */
export class UsageError extends CommandFailure {
  constructor(message: string) {
    super('invalid_usage', message, 2);
  }
}

/** What a failed command reports. */
export interface FailureReport {
  exitCode: number;
  code: string;
  message: string;
  /** Every option that is wrong, and how to fix it. */
  errors?: { option?: string; message: string }[] | undefined;
}

/**
 * `body.branding.logoUrl` → `--logo-url`, `body.apiIds[0]` → `--api-id`, `body.policy.ipRanges.ranges[0]` → `--ip-range`,
 * `body.scopeSource.portal` → `--scopes-from`, `body.branding.links[0].url` → `--link`
 */
const optionOf = (location: string) =>
  `--${(
    location
      .replace('.ranges', '')
      .replace('scopeSource.portal', 'scopesFrom')
      .replace(/^(body\.branding\.\w+\[\d+\])\.\w+$/, '$1')
      .split('.')
      .at(-1) ?? ''
  )
    .replace(/s?\[\d+\]$/, '')
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function ofProblem({ code, message, failures }: Problem): FailureReport {
  if (failures === undefined) return { exitCode: 1, code, message };
  const errors = failures.map(({ location, message: wrong, fix }) =>
    // This failure is about the whole input, so there is no option to name.
    location === 'body'
      ? { message: 'Add --external-id, --slug or --handle.' }
      : { option: optionOf(location), message: `${wrong}. ${fix ?? ''}`.trimEnd() },
  );
  return { exitCode: 2, code, message: 'Invalid options:', errors };
}

const unavailable = (refusal: string | undefined): FailureReport =>
  refusal === undefined
    ? {
        ...{ exitCode: 3, code: 'redis_unavailable' },
        message: 'Redis is unreachable. Check REDIS_URL and that Redis is running.',
      }
    : {
        ...{ exitCode: 3, code: 'redis_refused' },
        message: `Redis refuses: ${refusal}. Check the login and the permissions of the Redis user.`,
      };

/** What to report about anything that a command throws. */
export function failureOf(error: unknown): FailureReport {
  if (error instanceof StoreUnavailable) return unavailable(error.refusal);
  if (error instanceof Problem) return ofProblem(error);
  if (error instanceof CommandFailure) return error;
  if (error instanceof ConfigError) return { exitCode: 2, code: 'invalid_setting', message: error.message };
  if (error instanceof DataRefused) return { exitCode: 1, code: 'data_refused', message: error.message };
  if (error instanceof CommanderError) {
    return { exitCode: 2, code: 'invalid_usage', message: error.message.replace(/^error: /, '') };
  }
  return { exitCode: 4, code: 'unexpected_error', message: redact((error as Error).stack ?? String(error)) };
}
