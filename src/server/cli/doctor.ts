import type { Command } from 'commander';
import { readConfig } from '../config/index.ts';
import { diagnose } from '../domain/workspaces/doctor.ts';
import { addExamples, anyFormat, invocation, withStore } from './command.ts';
import { printJson, printText } from './output.ts';

const marks = { ok: 'ok     ', warning: 'warning', error: 'ERROR  ' };

/** Adds `portico doctor`. */
export function addDoctorCommand(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('doctor')
    .description(
      'Checks Redis and the settings, and prints how to fix each problem. Exits with 1 if there is an error.',
    )
    .option('--json', 'print one line of JSON, also for an error')
    .exitOverride();
  addExamples(
    command,
    [`${invocation} doctor`, `PORTAL_BASE_URL=https://portal.acme.example ${invocation} doctor --json`],
    '\nReads the settings of the server: REDIS_URL, PORTAL_BASE_URL.\n',
  ).action(async ({ json }) => {
    const { portalBaseUrl, redis } = readConfig();
    const findings = await withStore((store) => diagnose(store, portalBaseUrl, redis), anyFormat);
    if (findings.some(({ level }) => level === 'error')) setExitCode(1);
    if (json) printJson(findings);
    else {
      const lines = findings.map(({ level, message, fix = '' }) => `${marks[level]}  ${message} ${fix}`.trimEnd());
      printText(`${lines.join('\n')}\n`);
    }
  });
}
