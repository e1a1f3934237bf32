/** For tests that compare the work for texts of two lengths. */

/** The least CPU time of three calls, in ms. */
export function leastCpuMs(call: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    call();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}
