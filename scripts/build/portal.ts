/**
 * Builds the portal's browser app into dist/portal: the assets, compressed beside themselves, and portal.json, which tells
 * the server what to write into its pages.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build, type Metafile, type Plugin } from 'esbuild';
import { languages } from '../../src/portal/messages/index.ts';
import type { PortalBuild } from '../../src/server/http/pages/portal-html.ts';

const root = join(import.meta.dirname, '../..');
const source = join(root, 'src/portal');
/** Where the server serves it from. */
export const portalDist = join(root, 'dist/portal');
const assets = join(portalDist, 'assets');

const shared = { bundle: true, minify: true, target: 'es2022', logLevel: 'warning' } as const;

/** The script that takes the session id out of the address bar; small enough to stand in the page itself. */
async function buildTakeSessionId(): Promise<PortalBuild['takeSessionId']> {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: [join(source, 'entry/take-session-id.ts')],
    format: 'iife',
    write: false,
  });
  const script = (outputFiles[0]?.text ?? '').trim();
  return { script, hash: `sha256-${createHash('sha256').update(script).digest('base64')}` };
}

/** What a built file brings with it, however deep: everything that must be there before it can run. */
export function staticImports({ outputs }: Metafile, file: string): string[] {
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

/** The built file of an entry point, or of a module that is loaded when it is needed. */
export function outputOf({ outputs }: Metafile, entryPoint: string): string {
  const found = Object.keys(outputs).find((name) => outputs[name]?.entryPoint === entryPoint);
  if (found === undefined) throw new Error(`nothing was built of ${entryPoint}`);
  return found;
}

/** Compresses as far as it goes, once, so that no request waits for it. */
export async function compress(directory: string): Promise<void> {
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  for (const name of await readdir(directory)) {
    const file = join(directory, name);
    const content = await readFile(file);
    await writeFile(`${file}.br`, await promisify(brotliCompress)(content, brotli));
    await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
  }
}

async function textsByLanguage(): Promise<Pick<PortalBuild, 'texts' | 'links'>> {
  const built: Pick<PortalBuild, 'texts' | 'links'> = { texts: {}, links: {} };
  for (const [language, load] of Object.entries(languages)) {
    const { pages, links } = (await load()).default;
    const { backToApp, help, reload } = links;
    built.links[language] = { backToApp, help, reload };
    built.texts[language] = {
      enter: { title: pages.enter.title, text: pages.app.text },
      app: pages.app,
      'session-expired': pages.expired,
      'come-from-your-app': pages.comeFromYourApp,
      'portal-disabled': pages.disabled,
      'signed-out': pages.signedOut,
      'not-found': pages.notFound,
      unreachable: pages.unreachable,
      broken: pages.broken,
    };
  }
  return built;
}

const documentationStyle = 'src/ui/swagger-ui/renderer.css';

/** Swagger UI's highlighter is replaced by a component of ours, so nothing of it need be loaded. */
export const withoutHighlighter: Plugin = {
  name: 'without-highlighter',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^react-syntax-highlighter\// }, ({ path }) => ({ path, namespace: 'nothing' }));
    onLoad({ filter: /./, namespace: 'nothing' }, () => ({
      contents: 'const nothing = () => null; nothing.registerLanguage = () => {}; export default nothing;',
    }));
  },
};

/** Builds it anew, in a second or two. What esbuild tells of the result is returned, for whoever weighs it. */
export async function buildPortal(): Promise<Metafile> {
  await rm(portalDist, { recursive: true, force: true });
  await mkdir(assets, { recursive: true });
  const { metafile } = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: ['src/portal/main.tsx', 'src/portal/theme/portal.css', documentationStyle],
    plugins: [withoutHighlighter],
    outdir: 'dist/portal/assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    metafile: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
  });
  await compress(assets);
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
  const portal: PortalBuild = {
    script: basename(script),
    style: basename(outputOf(metafile, 'src/portal/theme/portal.css')),
    documentationStyle: basename(outputOf(metafile, documentationStyle)),
    imports: atOnce.filter((name) => name !== basename(script)),
    later: {
      languages: laterOf(Object.fromEntries(Object.keys(languages).map((code) => [code, `messages/${code}.ts`]))),
      tabs: laterOf({
        keys: 'keys/keys.tsx',
        analytics: 'analytics/analytics.tsx',
        docs: 'documentation/documentation.tsx',
      }),
    },
    takeSessionId: await buildTakeSessionId(),
    ...(await textsByLanguage()),
  };
  await writeFile(join(portalDist, 'portal.json'), `${JSON.stringify(portal, null, 1)}\n`);
  return metafile;
}

if (import.meta.main) await buildPortal();
