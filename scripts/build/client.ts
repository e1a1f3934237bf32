/**
 * Builds the package in clients/typescript into its own dist: JavaScript as the compiler emits it, module by module, so that
 * bundlers can drop what is not used, and declarations. The types that it shares with the server, from generated/client, come
 * with it.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
/** The package, with what was built in `dist`. */
export const typescriptClient = join(root, 'clients/typescript');

/** In the package the shared types are beside what was generated for it, and no file is TypeScript that would run. */
const published = (text: string) =>
  text
    .replaceAll(/'(?:\.\.\/)+generated\/client\/types\.gen\.(?:ts|js)'/g, (found) =>
      found.startsWith("'../../../../") ? "'./types.gen.js'" : "'./generated/types.gen.js'",
    )
    .replaceAll(/(from '\.{1,2}\/[^']+)\.ts'/g, "$1.js'");

/**
 * Builds it anew, in some seconds.
 *
 * @throws Error with what the compiler says
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
