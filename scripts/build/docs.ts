/**
 * Builds the documentation for integrators into dist/docs: a static site, whose root that is. Its absolute addresses begin
 * with PORTAL_BASE_URL; the server puts its own in their place when it is another.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { parse } from 'yaml';
import { specFile } from '../../contract-tests/engine/spec.ts';
import type { Assets } from '../../src/docs/layout.ts';
import { buildSite, type Site } from '../../src/docs/site.ts';
import { readConfig } from '../../src/server/config/index.ts';
import { readFacts } from './docs-facts.ts';
import { compress, outputOf, withoutHighlighter } from './portal.ts';

const root = join(import.meta.dirname, '../..');
/** The root of the built site. */
export const docsDist = join(root, 'dist/docs');
const browser = 'src/docs/browser';

async function buildAssets(): Promise<Assets> {
  const { metafile }: { metafile: Metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      `${browser}/main.ts`,
      `${browser}/try.tsx`,
      `${browser}/docs.css`,
      'src/ui/swagger-ui/renderer.css',
      `${browser}/icon.svg`,
    ],
    plugins: [withoutHighlighter],
    loader: { '.svg': 'copy' },
    outdir: 'dist/docs/docs/assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    bundle: true,
    minify: true,
    target: 'es2022',
    logLevel: 'warning',
    metafile: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
  });
  await compress(join(docsDist, 'docs/assets'));
  const named = (entryPoint: string) => basename(outputOf(metafile, entryPoint));
  return {
    script: named(`${browser}/main.ts`),
    tryScript: named(`${browser}/try.tsx`),
    style: named(`${browser}/docs.css`),
    tryStyle: named('src/ui/swagger-ui/renderer.css'),
    icon: named(`${browser}/icon.svg`),
  };
}

/** Builds it anew. */
export async function buildDocs(): Promise<Site> {
  await rm(docsDist, { recursive: true, force: true });
  const { portalBaseUrl: base } = readConfig();
  const site = buildSite(await readFacts(), base, await buildAssets());
  const openapi = await readFile(specFile, 'utf8');
  const files = new Map(site.files);
  files.set('openapi.yaml', openapi);
  files.set('openapi.json', JSON.stringify(parse(openapi)));
  // What the server needs to know of it.
  files.set('site.json', JSON.stringify({ base }));
  for (const [name, text] of files) {
    await mkdir(dirname(join(docsDist, name)), { recursive: true });
    await writeFile(join(docsDist, name), text);
  }
  for (const image of site.images) {
    await cp(join(root, 'docs', image), join(docsDist, 'docs', image), { recursive: true });
  }
  return site;
}

if (import.meta.main) {
  const { pages } = await buildDocs();
  console.log(`dist/docs: ${pages.length} pages`);
}
