/** Installs programs from npm into a folder of their own, so that they are no dependencies of the project. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const cache = join(import.meta.dirname, '../../../node_modules/.cache/benchmark');

/**
 * Installs one version of a package without running its scripts, once.
 *
 * @returns the path of its folder
 * @throws Error if it cannot be installed
 */
export async function npmPackage(name: string, version: string): Promise<string> {
  const prefix = join(cache, `${name}-${version}`);
  const folder = join(prefix, 'node_modules', name);
  const installed = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
  if ((JSON.parse(installed) as { version?: string }).version !== version) {
    await mkdir(prefix, { recursive: true });
    const options = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--loglevel=error'];
    await promisify(execFile)('npm', ['install', '--prefix', prefix, ...options, `${name}@${version}`]);
  }
  return folder;
}

/**
 * Compares a file with its checksum.
 *
 * @throws Error if they differ
 */
export async function verifySha256(file: string, expected: string): Promise<void> {
  const actual = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  if (actual !== expected) throw new Error(`${file} has the SHA-256 ${actual}, not ${expected}`);
}
