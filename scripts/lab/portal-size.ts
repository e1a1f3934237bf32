/**
 * What a browser that knows nothing of the portal loads for each tab, compressed, and whether that keeps the budget:
 * `npm run portal:size`, and a check of `npm test`. The documentation tab has its renderer, and a line of its own.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { buildPortal, outputOf, staticImports } from '../build/portal.ts';

const root = join(import.meta.dirname, '../..');
/** How much JavaScript may come before a tab can be used, in bytes as the server sends them. */
const budget = 150_000;

/** Everything that a module needs before it can run, itself included. */
const withImports = (metafile: Metafile, entryPoint: string): string[] => {
  const file = outputOf(metafile, entryPoint);
  return [file, ...staticImports(metafile, file)];
};

const sizeOf = async (files: string[], ending: string): Promise<number> => {
  const sizes = await Promise.all(files.map((file) => stat(join(root, `${file}${ending}`))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
};

const metafile = await buildPortal();
const tabs = { keys: 'src/portal/keys/keys.tsx', analytics: 'src/portal/analytics/analytics.tsx' };
const documentation = { documentation: 'src/portal/documentation/documentation.tsx' };
const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);

console.log('first load          brotli      gzip   budget');
for (const [tab, entryPoint] of Object.entries({ ...tabs, ...documentation })) {
  const languages = Object.keys(metafile.inputs).filter((name) => /portal\/messages\/(?!index)/.test(name));
  const parts = new Set([...withImports(metafile, 'src/portal/main.tsx'), ...withImports(metafile, entryPoint)]);
  // One language is loaded; the largest is counted.
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
  const limit = tab in tabs ? budget : undefined;
  console.log(`${tab.padEnd(15)} ${kB(brotli)} ${kB(gzip)} ${limit === undefined ? '        –' : kB(limit)}`);
  if (limit !== undefined && brotli > limit) {
    console.error(`the ${tab} tab loads ${brotli - limit} bytes more than it may`);
    process.exitCode = 1;
  }
}
