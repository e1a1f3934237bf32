/**
 * What a browser with an empty cache loads for each tab of the portal, compressed, and whether it is within the budget:
 * `npx node scripts/lab/portal-size.ts`, also a check of `npm test`.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Bundles, outputOf, staticImports } from '../build/portal.ts';
import { buildIfStale } from '../freshness/if-stale.ts';

const built = join(import.meta.dirname, '../../dist/portal');
/** The most JavaScript that a browser loads before a tab is usable, in bytes as the server sends them. */
const budgetOf = (tab: string) => (tab === 'documentation' ? 200_000 : 150_000);

/** A module and everything that it imports. */
const withImports = (metafile: Bundles, entryPoint: string): string[] => {
  const file = outputOf(metafile, entryPoint);
  return [file, ...staticImports(metafile, file)];
};

const sizeOf = async (files: string[], ending: string): Promise<number> => {
  const sizes = await Promise.all(files.map((file) => stat(join(built, 'assets', `${basename(file)}${ending}`))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
};

await buildIfStale(['portal']);
const metafile: Bundles = JSON.parse(await readFile(join(built, 'metafile.json'), 'utf8'));
const tabs = {
  keys: 'src/portal/keys/keys.tsx',
  analytics: 'src/portal/analytics/analytics.tsx',
  account: 'src/portal/account/account.tsx',
  documentation: 'src/portal/documentation/documentation.tsx',
};
const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);

console.log('first load          brotli      gzip   budget');
for (const [tab, entryPoint] of Object.entries(tabs)) {
  const languages = Object.values(metafile.outputs).flatMap(({ entryPoint = '' }) =>
    /portal\/messages\/(?!index)/.test(entryPoint) ? [entryPoint] : [],
  );
  const parts = new Set([...withImports(metafile, 'src/portal/main.tsx'), ...withImports(metafile, entryPoint)]);
  // A browser loads one language; this counts the largest.
  const perLanguage = await Promise.all(
    languages.map((language) =>
      sizeOf(
        withImports(metafile, language).filter((file) => !parts.has(file)),
        '.br',
      ),
    ),
  );
  const brotli = (await sizeOf([...parts], '.br')) + Math.max(...perLanguage);
  const gzip = await sizeOf([...parts], '.gz');
  const limit = budgetOf(tab);
  console.log(`${tab.padEnd(15)} ${kB(brotli)} ${kB(gzip)} ${kB(limit)}`);
  if (brotli > limit) {
    console.error(`the ${tab} tab exceeds its budget by ${brotli - limit} bytes`);
    process.exitCode = 1;
  }
}
