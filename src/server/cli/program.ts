import { Command } from 'commander';
import { version } from '../package.ts';
import { addApiCommands } from './api.ts';
import { addAuditCommands } from './audit.ts';
import { addExamples, invocation } from './command.ts';
import { addCompletionCommands } from './completion.ts';
import { addDoctorCommand } from './doctor.ts';
import { exitCodes } from './failure.ts';
import { addIdentityCommands } from './identity.ts';
import { addKeyCommands } from './key.ts';
import { addMigrateCommand } from './migrate.ts';
import { printError, printText } from './output.ts';
import { addPolicyCommands } from './policy.ts';
import { addPortalCommands } from './portal.ts';
import { addRestoreCommands } from './restore.ts';
import { addRootKeyCommands } from './root-key.ts';
import { addSessionCommands } from './session.ts';
import { addUsageCommands } from './usage.ts';
import { addWorkspaceCommands } from './workspace.ts';

/** How a run of the program is reported. */
export interface ProgramOptions {
  /** Whether errors of usage are not printed as text, because the caller prints them as JSON. */
  silent?: boolean;
  /** Called by a command that succeeds with an exit code other than 0. */
  setExitCode?: (code: number) => void;
}

/** Creates the command line. The documentation is generated from it too. */
export function createProgram({ silent = false, setExitCode = () => {} }: ProgramOptions = {}): Command {
  const program = new Command('portico')
    .description('Manages a Portico server: workspaces, root keys, APIs, portals, sessions, usage and the audit log.')
    .version(version, '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(add --help for usage and examples)')
    .configureOutput({ writeOut: printText, writeErr: silent ? () => {} : printError });

  addExamples(
    program,
    [
      `${invocation} workspace create --name Acme`,
      `${invocation} portal create --workspace ws_… --slug my-portal --return-url https://app.acme.example`,
      `ROOT_KEY=rk_… ${invocation} session create --slug my-portal --external-id user_123 --permission 'api.*.read_key'`,
    ],
    `
Reads REDIS_URL (default: redis://127.0.0.1:6379). With --json, each command prints one line of JSON, and an error as
one line of JSON to stderr. A command that deletes something or ends sessions asks first: --yes confirms it.

Exit codes:${Object.entries(exitCodes)
      .map(([code, meaning]) => `\n  ${code}  ${meaning.replaceAll('`', '')}`)
      .join('')}
`,
  );

  addWorkspaceCommands(program);
  addApiCommands(program);
  addPolicyCommands(program);
  addKeyCommands(program, setExitCode);
  addIdentityCommands(program);
  addRootKeyCommands(program);
  addPortalCommands(program);
  addSessionCommands(program);
  addAuditCommands(program);
  addDoctorCommand(program, setExitCode);
  addMigrateCommand(program);
  addRestoreCommands(program);
  addUsageCommands(program);
  addCompletionCommands(program);
  return program;
}
