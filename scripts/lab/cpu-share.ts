/** Gives a process a part of a core, as a container with a limit has it: with a control group of Linux. It needs root. */
import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const groups = '/sys/fs/cgroup';

/** How often the process gets its part, in µs. With the usual 100 ms it would stand still for tens of milliseconds. */
const periodUs = 5000;

/** A limit of a process. */
export interface CpuShare {
  /** Removes the group, after the process has ended. */
  remove(): Promise<void>;
}

/**
 * Limits the CPU time of a process with all its threads.
 *
 * @param share the part of one core, such as 0.4
 * @throws Error if there are no control groups, or if this user may not make one
 */
export async function limitCpu(pid: number, share: number): Promise<CpuShare> {
  const hasV2 = existsSync(join(groups, 'cgroup.controllers'));
  const parent = hasV2 ? groups : join(groups, 'cpu');
  const group = join(parent, `portico-${pid}`);
  const quotaUs = Math.round(share * periodUs);
  await mkdir(group);
  if (hasV2) {
    await writeFile(join(parent, 'cgroup.subtree_control'), '+cpu');
    await writeFile(join(group, 'cpu.max'), `${quotaUs} ${periodUs}`);
  } else {
    await writeFile(join(group, 'cpu.cfs_period_us'), String(periodUs));
    await writeFile(join(group, 'cpu.cfs_quota_us'), String(quotaUs));
  }
  await writeFile(join(group, 'cgroup.procs'), String(pid));
  return { remove: () => rmdir(group) };
}
