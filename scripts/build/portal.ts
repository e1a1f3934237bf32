/**
 * Builds the portal's browser app into dist/portal: the assets, each with its compressed forms; `portal.json`, which the
 * server needs to write the pages; and `metafile.json`, in which esbuild describes the bundles.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { browserTargets } from '../../src/portal/browsers.ts';
import { languages, rightToLeft } from '../../src/portal/messages/index.ts';
import { iconOfTab, shapes } from '../../src/portal/parts/icon-shapes.ts';
import type { PortalBuild } from '../../src/server/http/pages/portal-html.ts';
import { replaceBuild } from '../freshness/record.ts';
import { compileMessages, withoutParser } from './compile-messages.ts';
import { modulesOf, sourcesOf } from './inputs.ts';

const root = join(import.meta.dirname, '../..');
const takeSessionIdScript = 'src/portal/entry/take-session-id.ts';

const shared = { bundle: true, minify: true, charset: 'utf8', target: browserTargets, logLevel: 'warning' } as const;

/** The script that removes the session id from the address bar. It is small, so it is inline in the page. */
async function buildTakeSessionId(): Promise<PortalBuild['takeSessionId']> {
  const { outputFiles } = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: [takeSessionIdScript],
    format: 'iife',
    write: false,
  });
  const script = (outputFiles[0]?.text ?? '').trim();
  return { script, hash: `sha256-${createHash('sha256').update(script).digest('base64')}` };
}

/** What esbuild has written: each file with its entry point and its imports. */
export interface Bundles {
  outputs: Record<string, Pick<Metafile['outputs'][string], 'entryPoint' | 'imports'>>;
}

/** Everything that a built file imports, directly or not: a browser loads it before the file runs. */
export function staticImports({ outputs }: Bundles, file: string): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind !== 'import-statement' || found.has(path)) continue;
      found.add(path);
      visit(path);
    }
  };
  visit(file);
  return [...found];
}

/** The built file of an entry point, or of a module that is loaded on demand. */
export function outputOf({ outputs }: Bundles, entryPoint: string): string {
  const found = Object.keys(outputs).find((name) => outputs[name]?.entryPoint === entryPoint);
  if (found === undefined) throw new Error(`esbuild has built nothing from ${entryPoint}`);
  return found;
}

/** Compresses each file once, as far as possible, so that no request waits for it. */
export async function compress(directory: string): Promise<void> {
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  for (const name of await readdir(directory)) {
    const file = join(directory, name);
    const content = await readFile(file);
    await writeFile(`${file}.br`, await promisify(brotliCompress)(content, brotli));
    await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
  }
}

async function textsByLanguage(): Promise<Pick<PortalBuild, 'texts' | 'links' | 'shells'>> {
  const built: Pick<PortalBuild, 'texts' | 'links' | 'shells'> = { texts: {}, links: {}, shells: {} };
  for (const [language, load] of Object.entries(languages)) {
    const { pages, links, frame, common, keys, analytics, docs, account } = (await load()).default;
    const { back, backToApp, help, portal, reload, tryAgain } = links;
    built.links[language] = { back, backToApp, help, portal, reload, tryAgain };
    built.texts[language] = {
      enter: { title: pages.enter.title, text: pages.app.text },
      entering: pages.enter,
      app: pages.app,
      'session-expired': pages.expired,
      'come-from-your-app': pages.comeFromYourApp,
      'portal-disabled': pages.disabled,
      'workspace-disabled': pages.workspaceDisabled,
      'several-sessions': pages.severalSessions,
      'signed-out': pages.signedOut,
      'not-found': pages.notFound,
      unreachable: pages.unreachable,
      'too-many-requests': pages.tooManyRequests,
      broken: pages.broken,
    };
    built.shells[language] = {
      tabs: frame.tabs,
      headings: {
        keys: { title: keys.title, intro: keys.intro },
        analytics: { title: analytics.title, intro: analytics.intro },
        docs: { title: docs.title },
        account: { title: account.title },
      },
      ...{ back, help, logo: frame.logo, loading: common.loading },
    };
  }
  return built;
}

/** The icons that the server writes into its pages. */
const icons: PortalBuild['icons'] = {
  keys: shapes[iconOfTab.keys],
  analytics: shapes[iconOfTab.analytics],
  docs: shapes[iconOfTab.docs],
  account: shapes[iconOfTab.account],
  back: shapes['arrow-back'],
};

/** Bundles the app, and writes it with `portal.json` and `metafile.json`. */
async function buildInto(folder: string): Promise<string[]> {
  const assets = join(folder, 'assets');
  const { metafile } = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: ['src/portal/main.tsx', 'src/portal/theme/portal.css'],
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file' },
    format: 'esm',
    splitting: true,
    metafile: true,
    jsx: 'automatic',
    plugins: [compileMessages],
    alias: withoutParser,
    // Nearly all of it runs at once. Chromium then compiles all of it beside the page, instead of one function after the other while it runs.
    banner: { js: '//# allFunctionsCalledOnLoad' },
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
  });
  await compress(assets);
  await writeFile(join(folder, 'portal.json'), `${JSON.stringify(await describe(metafile), null, 1)}\n`);
  await writeFile(
    join(folder, 'metafile.json'),
    JSON.stringify({ outputs: summaryOf(metafile), packages: packagesOf(metafile) }),
  );
  return [...sourcesOf(metafile), takeSessionIdScript, ...(await modulesOf(import.meta.filename, root))];
}

/** Where the packages are that are in the bundles, as the lock file names their places. */
const packagesOf = ({ inputs }: Metafile): string[] => [
  ...new Set(Object.keys(inputs).flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [])),
];

/** The part of the metafile that scripts/lab/portal-size.ts reads. */
const summaryOf = ({ outputs }: Metafile): Bundles['outputs'] =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { entryPoint, imports }]) => [
      name,
      { imports, ...(entryPoint !== undefined && { entryPoint }) },
    ]),
  );

/** What the server needs to know of the bundles. */
async function describe(metafile: Metafile): Promise<PortalBuild> {
  const script = outputOf(metafile, 'src/portal/main.tsx');
  const atOnce = [script, ...staticImports(metafile, script)].map((name) => basename(name));
  const laterOf = <Name extends string>(modules: Record<Name, string>) =>
    Object.fromEntries(
      Object.entries<string>(modules).map(([name, module]) => {
        const file = outputOf(metafile, `src/portal/${module}`);
        const files = [file, ...staticImports(metafile, file)].map((path) => basename(path));
        return [name, files.filter((path) => !atOnce.includes(path))];
      }),
    ) as Record<Name, string[]>;
  return {
    script: basename(script),
    style: basename(outputOf(metafile, 'src/portal/theme/portal.css')),
    font: basename(Object.keys(metafile.outputs).find((name) => name.endsWith('.woff2')) ?? ''),
    imports: atOnce.filter((name) => name !== basename(script)),
    later: {
      languages: laterOf(Object.fromEntries(Object.keys(languages).map((code) => [code, `messages/${code}.ts`]))),
      tabs: laterOf({
        keys: 'keys/keys.tsx',
        analytics: 'analytics/analytics.tsx',
        docs: 'documentation/documentation.tsx',
        account: 'account/account.tsx',
      }),
    },
    takeSessionId: await buildTakeSessionId(),
    rightToLeft,
    ...(await textsByLanguage()),
    icons,
  };
}

if (import.meta.main) await replaceBuild('portal', buildInto);
