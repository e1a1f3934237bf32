import { Command } from 'commander';
import { addApiCommands } from './api.ts';
import { addAuditCommands } from './audit.ts';
import { addExamples } from './command.ts';
import { addDoctorCommand } from './doctor.ts';
import { addPortalCommands } from './portal.ts';
import { addRootKeyCommands } from './root-key.ts';
import { addSessionCommands } from './session.ts';
import { addUsageCommands } from './usage.ts';
import { addWorkspaceCommands } from './workspace.ts';

/** Creates the command line. The documentation is generated from it too. */
export function createProgram(): Command {
  const program = new Command('portico')
    .description('Manages a Portico server: workspaces, root keys, APIs, portals, sessions, usage and the audit log.')
    .exitOverride()
    .showHelpAfterError('(add --help for usage and examples)');

  addExamples(
    program,
    [
      'npm run -s portico -- workspace create --name Acme',
      'npm run -s portico -- portal create --workspace ws_… --slug my-portal --return-url https://app.acme.example',
      "npm run -s portico -- session create --root-key rk_… --slug my-portal --external-id user_123 --permission 'api.*.read_key'",
    ],
    '\nReads REDIS_URL (default: redis://127.0.0.1:6379). With --json, each command prints one line of JSON.\n',
  );

  addWorkspaceCommands(program);
  addApiCommands(program);
  addRootKeyCommands(program);
  addPortalCommands(program);
  addSessionCommands(program);
  addAuditCommands(program);
  addDoctorCommand(program);
  addUsageCommands(program);
  return program;
}
