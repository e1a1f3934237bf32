/** Programs from PyPI, each list in a virtual environment of its own. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { python } from '../tests/support/toolchains.ts';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);

/**
 * Installs the programs of a requirements file, once, and again if the file changes.
 *
 * @param name of the folder in node_modules/.cache
 * @returns the path of a program, by its name
 * @throws Error if Python is missing and cannot be installed, or if its packages cannot be installed
 */
export async function pythonTools(requirements: string, name: string): Promise<(program: string) => string> {
  const directory = join(root, 'node_modules/.cache', name);
  const stamp = join(directory, 'requirements.txt');
  const wanted = await readFile(join(root, requirements), 'utf8');
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== wanted) {
    await run(python(), ['-m', 'venv', '--clear', directory]);
    const options = ['--quiet', '--disable-pip-version-check', '-r', join(root, requirements)];
    await run(join(directory, 'bin/pip'), ['install', ...options]);
    await writeFile(stamp, wanted);
  }
  return (program) => join(directory, 'bin', program);
}
