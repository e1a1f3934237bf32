/** Builds the portal's browser app into dist/portal, from where the server serves it. */
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src/portal');
const target = join(root, 'dist/portal');

/** Builds it anew; takes a fraction of a second. */
export async function buildPortal(): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const pages = await readdir(join(source, 'pages'));
  await Promise.all(pages.map((page) => copyFile(join(source, 'pages', page), join(target, page))));
  await build({
    entryPoints: [join(source, 'main.ts'), join(source, 'portal.css')],
    outdir: join(target, 'assets'),
    entryNames: '[name]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
}

if (import.meta.main) await buildPortal();
