/**
 * Builds the package in clients/typescript into its own dist: JavaScript as the compiler emits it, module by module, so that
 * bundlers can drop the modules and functions that a program does not use, and declarations. `dist/generated` contains the
 * modules of generated/ that the package imports. `dist/cjs` contains the same modules as CommonJS, for programs that cannot
 * load ES modules, such as those of TypeScript with `module: commonjs`, and Jest.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');
/** The folder of the package. The build is in its `dist`. */
export const typescriptClient = join(root, 'clients/typescript');

/** Rewrites imports: generated/ is inside the package, and all files are JavaScript or declarations. */
const published = (text: string) =>
  text.replaceAll(/(from |import\()(['"])(\.{1,2}\/[^'"]+)\2/g, (_, keyword: string, quote: string, path: string) => {
    const moved = path.replace(/^(?:\.\.\/)+generated\//, './generated/');
    return keyword + quote + moved.replace(/\.ts$/, '.js') + quote;
  });

/** Writes the modules in `dist` again as CommonJS, with the same declarations. */
async function writeCommonJs(dist: string): Promise<void> {
  const cjs = join(dist, 'cjs');
  const names = await readdir(dist, { recursive: true });
  await build({
    entryPoints: names.filter((name) => name.endsWith('.js')).map((name) => join(dist, name)),
    outdir: cjs,
    outbase: dist,
    format: 'cjs',
    target: 'es2022',
  });
  for (const name of names.filter((each) => each.endsWith('.d.ts'))) await cp(join(dist, name), join(cjs, name));
  await writeFile(join(cjs, 'package.json'), '{ "type": "commonjs" }\n');
}

/**
 * Builds the package, in a few seconds.
 *
 * @param directory the folder in which `dist` is written
 * @throws Error with the output of the compiler
 */
export async function buildTypescriptClient(directory = typescriptClient): Promise<void> {
  const emitted = await mkdtemp(join(tmpdir(), 'portico-typescript-client-'));
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-p', typescriptClient, '--outDir', emitted]).catch(
      ({ stdout }: { stdout: string }) => {
        throw new Error(stdout);
      },
    );
    const dist = join(directory, 'dist');
    await rm(dist, { recursive: true, force: true });
    await cp(join(emitted, 'clients/typescript/src'), dist, { recursive: true });
    await cp(join(emitted, 'generated'), join(dist, 'generated'), { recursive: true });
    for (const name of await readdir(dist, { recursive: true })) {
      if (!/\.(js|ts)$/.test(name)) continue;
      await writeFile(join(dist, name), published(await readFile(join(dist, name), 'utf8')));
    }
    await writeCommonJs(dist);
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

if (import.meta.main) await buildTypescriptClient();
