import { type Command, CommanderError } from 'commander';
import { readConfig } from '../config/index.ts';
import { diagnose } from '../domain/workspaces/doctor.ts';
import { addExamples, print, withStore } from './command.ts';

const marks = { ok: 'ok     ', warning: 'warning', error: 'ERROR  ' };

export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'Checks Redis and the settings, and prints how to fix each problem. Exits with 1 if there is an error.',
    )
    .option('--json', 'print one line of JSON')
    .exitOverride();
  addExamples(
    command,
    ['npm run -s portico -- doctor', 'PORTAL_BASE_URL=https://portal.acme.example npm run -s portico -- doctor --json'],
    '\nReads the settings of the server: REDIS_URL, PORTAL_BASE_URL.\n',
  ).action(async ({ json }) => {
    const { portalBaseUrl } = readConfig();
    const findings = await withStore((store) => diagnose(store, portalBaseUrl));
    if (json) print(findings, { json });
    else {
      for (const { level, message, fix } of findings) {
        process.stdout.write(`${marks[level]}  ${message}${fix === undefined ? '' : ` ${fix}`}\n`);
      }
    }
    if (findings.some(({ level }) => level === 'error')) throw new CommanderError(1, 'doctor', 'There is an error.');
  });
}
