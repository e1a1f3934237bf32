/** What Linux says about a running process. */
import { readFileSync } from 'node:fs';

/** ms in one tick of /proc/<pid>/stat: Linux counts 100 of them a second. */
const msPerTick = 10;

/**
 * The CPU time of all threads of a process since its start, in ms.
 *
 * @throws Error if there is no such process, or no /proc
 */
export function cpuTimeMs(pid: number): number {
  // utime and stime are the 14th and 15th field; the 2nd, in brackets, is the program's name and can contain spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}
