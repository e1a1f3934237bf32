/**
 * Builds the package of clients/typescript into its `dist`: one JavaScript module per source file, so that bundlers can drop
 * unused code, and declarations. It includes the types of generated/client.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
/** The folder of the package. */
export const typescriptClient = join(root, 'clients/typescript');

/** Rewrites imports: the package contains the shared types, and JavaScript instead of TypeScript. */
const published = (text: string) =>
  text
    .replaceAll(/'(?:\.\.\/)+generated\/client\/types\.gen\.(?:ts|js)'/g, (found) =>
      found.startsWith("'../../../../") ? "'./types.gen.js'" : "'./generated/types.gen.js'",
    )
    .replaceAll(/(from '\.{1,2}\/[^']+)\.ts'/g, "$1.js'");

/**
 * Builds the package in a few seconds.
 *
 * @throws Error with the output of the compiler
 */
export async function buildTypescriptClient(): Promise<void> {
  const emitted = await mkdtemp(join(tmpdir(), 'portico-typescript-client-'));
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-p', typescriptClient, '--outDir', emitted]).catch(
      ({ stdout }: { stdout: string }) => {
        throw new Error(stdout);
      },
    );
    const dist = join(typescriptClient, 'dist');
    await rm(dist, { recursive: true, force: true });
    await cp(join(emitted, 'clients/typescript/src'), dist, { recursive: true });
    await cp(join(emitted, 'generated/client/types.gen.d.ts'), join(dist, 'generated/types.gen.d.ts'));
    for (const name of await readdir(dist, { recursive: true })) {
      if (!/\.(js|ts)$/.test(name)) continue;
      await writeFile(join(dist, name), published(await readFile(join(dist, name), 'utf8')));
    }
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

if (import.meta.main) await buildTypescriptClient();
