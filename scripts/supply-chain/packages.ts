/** The packages of the lock file. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** A package as the lock file has it. */
interface LockedPackage {
  version?: string;
  license?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  /** Whether only development needs it. */
  dev?: boolean;
  optional?: boolean;
}

/** The packages of the lock file, by their place in `node_modules`. */
export type Lock = Record<string, LockedPackage>;

/** The name of the package at a place such as `node_modules/a/node_modules/@b/c`. */
export const nameOf = (place: string): string =>
  place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

export const readJson = async <T>(file: string): Promise<T> => JSON.parse(await readFile(join(root, file), 'utf8'));

/** The lock file, without this project itself. */
export async function readLock(): Promise<Lock> {
  const { packages } = await readJson<{ packages: Lock }>('package-lock.json');
  return Object.fromEntries(Object.entries(packages).filter(([place]) => place !== ''));
}
