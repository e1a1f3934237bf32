/** Gives processes a core of their own, so that a measurement of one is not one of the others. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const taskset = '/usr/bin/taskset';
const hasTaskset = existsSync(taskset);

/** The command, on one core if taskset is available. */
export const onCore = (core: number, command: string[]): string[] =>
  hasTaskset ? [taskset, '-c', String(core), ...command] : command;

/** Moves all threads of a running process to one core, if taskset is available. */
export function moveToCore(core: number, pid: number | undefined): void {
  if (hasTaskset) execFileSync(taskset, ['-acp', String(core), String(pid)], { stdio: 'ignore' });
}
