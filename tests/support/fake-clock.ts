/** A clock that a test sets: libfaketime changes the time that one process reads, and no other process notices. */
import { globSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installDebian, MissingBinary } from './system-binary.ts';

/** The clock of the processes that were started with `env`. */
export interface FakeClock {
  env: Record<string, string>;
  /** Sets how far ahead it is from now on, in ms. */
  setAhead(ms: number): Promise<void>;
  remove(): Promise<void>;
}

const find = () => globSync('/usr/lib/*/faketime/libfaketime.so.1')[0];

/**
 * The path of libfaketime. As root on Debian or Ubuntu it installs a missing one.
 *
 * @throws MissingBinary where it cannot be installed
 */
function library(): string {
  if (find() === undefined) installDebian('faketime');
  const found = find();
  if (found === undefined) throw new MissingBinary('libfaketime is needed, which is in the package faketime of Debian');
  return found;
}

/** A clock that is right at first. @throws MissingBinary */
export async function fakeClock(): Promise<FakeClock> {
  const directory = await mkdtemp(join(tmpdir(), 'portico-clock-'));
  const file = join(directory, 'clock');
  const setAhead = async (ms: number) => {
    // libfaketime reads seconds with a sign, at any time, so the file is never incomplete.
    await writeFile(`${file}.next`, `${ms < 0 ? '-' : '+'}${(Math.abs(ms) / 1000).toFixed(3)}`);
    await rename(`${file}.next`, file);
  };
  await setAhead(0);
  return {
    env: {
      // Redis usually allocates with jemalloc, which reads the clock before libfaketime is ready, and then both hang. glibc comes first here.
      LD_PRELOAD: `${library()}:libc.so.6`,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      // The clock by which a process measures time-outs stays right.
      DONT_FAKE_MONOTONIC: '1',
    },
    setAhead,
    remove: () => rm(directory, { recursive: true }),
  };
}
