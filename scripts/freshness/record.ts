/**
 * What a build was made from, as recorded in its `build.json`. A build is stale if one of its inputs has changed.
 *
 * `npm start` loads this file each time: it imports nothing but Node.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');

/** The programs that have a build step; each has a script of the same name in scripts/build. */
export type Program = 'portal' | 'docs';

/** Digests by path, relative to the root of the project. */
type Inputs = Record<string, string>;

/** The contents of a file; of a folder, the names of its files at any depth. */
function digestOf(path: string): string | undefined {
  const absolute = join(root, path);
  try {
    const content = statSync(absolute).isDirectory()
      ? readdirSync(absolute, { recursive: true }).sort().join('\n')
      : readFileSync(absolute);
    return createHash('sha1').update(content).digest('base64url');
  } catch {
    return undefined;
  }
}

/** Whether a program has to be built again: nothing was built, or an input has changed. */
export function isStale(program: Program): boolean {
  let inputs: Inputs;
  try {
    inputs = JSON.parse(readFileSync(join(dist, program, 'build.json'), 'utf8')).inputs;
  } catch {
    return true;
  }
  return Object.entries(inputs).some(([path, digest]) => digestOf(path) !== digest);
}

/**
 * Builds a program in a temporary folder and then puts it in place, so that several processes can build at once.
 *
 * @param build writes the program into the folder, and returns the paths of its inputs: files and folders, relative to the
 *   root of the project
 */
export async function replaceBuild(program: Program, build: (folder: string) => Promise<string[]>): Promise<void> {
  await mkdir(dist, { recursive: true });
  const work = await mkdtemp(join(dist, `.${program}-`));
  const built = join(work, 'new');
  try {
    await mkdir(built);
    const paths = [...new Set(await build(built))].sort();
    const inputs = Object.fromEntries(paths.map((path) => [path, digestOf(path)]));
    await writeFile(join(built, 'build.json'), `${JSON.stringify({ inputs }, null, 1)}\n`);
    await putInPlace(built, join(dist, program), join(work, 'old'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function putInPlace(built: string, place: string, old: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    await rename(place, old).catch(ignore('ENOENT'));
    try {
      await rename(built, place);
      return;
    } catch (error) {
      // Another process has put its build in place between the two lines above.
      if (tries === 10 || !isOf(error, 'ENOTEMPTY', 'EEXIST')) throw error;
      await rm(old, { recursive: true, force: true });
    }
  }
}

const isOf = (error: unknown, ...codes: string[]) => codes.includes((error as NodeJS.ErrnoException).code ?? '');
const ignore = (code: string) => (error: unknown) => {
  if (!isOf(error, code)) throw error;
};
