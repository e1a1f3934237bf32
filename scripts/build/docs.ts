/**
 * Builds the documentation into dist/docs, the root of a static site. Absolute addresses begin with PORTAL_BASE_URL; a
 * server with another origin replaces it.
 */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { parse } from 'yaml';
import { specFile } from '../../contract-tests/engine/spec.ts';
import type { Assets } from '../../src/docs/layout.ts';
import { buildSite } from '../../src/docs/site.ts';
import { browserTargets } from '../../src/portal/browsers.ts';
import { ConfigError, readConfig } from '../../src/server/config/index.ts';
import { replaceBuild } from '../freshness/record.ts';
import { readFacts } from './docs-facts.ts';
import { modulesOf, sourcesOf } from './inputs.ts';
import { compress, outputOf } from './portal.ts';

const root = join(import.meta.dirname, '../..');
const browser = 'src/docs/browser';

async function buildAssets(outdir: string): Promise<{ assets: Assets; metafile: Metafile }> {
  const { metafile }: { metafile: Metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      `${browser}/main.ts`,
      `${browser}/try.tsx`,
      `${browser}/theme-example.ts`,
      `${browser}/docs.css`,
      `${browser}/icon.svg`,
    ],
    loader: { '.svg': 'copy' },
    outdir,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    bundle: true,
    minify: true,
    target: browserTargets,
    logLevel: 'warning',
    metafile: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
  });
  await compress(outdir);
  const named = (entryPoint: string) => basename(outputOf(metafile, entryPoint));
  const assets = {
    script: named(`${browser}/main.ts`),
    tryScript: named(`${browser}/try.tsx`),
    themeScript: named(`${browser}/theme-example.ts`),
    style: named(`${browser}/docs.css`),
    icon: named(`${browser}/icon.svg`),
  };
  return { assets, metafile };
}

/** Writes the pages and their assets. */
async function buildInto(folder: string): Promise<string[]> {
  // Other settings are for the server alone.
  const { portalBaseUrl: base } = readConfig({ PORTAL_BASE_URL: process.env['PORTAL_BASE_URL'] });
  const { assets, metafile } = await buildAssets(join(folder, 'docs/assets'));
  const site = buildSite(await readFacts(), base, assets);
  const openapi = await readFile(specFile, 'utf8');
  const files = new Map(site.files);
  files.set('openapi.yaml', openapi);
  files.set('openapi.json', JSON.stringify(parse(openapi)));
  // The server reads it.
  files.set('site.json', JSON.stringify({ base }));
  for (const [name, text] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  for (const image of site.images) {
    await cp(join(root, 'docs', image), join(folder, 'docs', image), { recursive: true });
  }
  return [
    ...sourcesOf(metafile),
    ...(await modulesOf(import.meta.filename, root)),
    ...['openapi.yaml', 'package.json', 'CHANGELOG.md', 'docs'],
    ...(await readdir(join(root, 'docs'), { recursive: true })).map((name) => `docs/${name}`),
  ];
}

if (import.meta.main) {
  try {
    await replaceBuild('docs', buildInto);
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
