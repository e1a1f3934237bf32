/** The bundle size of programs that use the TypeScript client, by what they import: minified, and compressed. */
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildTypescriptClient, typescriptClient } from '../build/client.ts';

const connect = "new Connection({ baseUrl: 'http://localhost' })";

/** The programs to measure. */
const programs = {
  'one operation': `import { Connection, keysVerifyKey } from 'client';
    await ${connect}.call(keysVerifyKey, { key: '' });`,
  'two operations': `import { Connection, keysVerifyKey, portalCreateSession } from 'client'; const portico = ${connect};
    await portico.call(keysVerifyKey, { key: '' }); await portico.call(portalCreateSession, {});`,
  'every operation': `import { Portico } from 'client'; await new Portico({ baseUrl: 'http://localhost' }).liveness();`,
  'a cache of verifications': `import { Connection, VerificationCache } from 'client';
    await new VerificationCache(${connect}, { staleMs: 5000 }).verifyKey({ key: '' });`,
  'an unused import': `import { Portico, keysVerifyKey, PorticoError, VerificationCache } from 'client';`,
};

/** Sizes in bytes. */
export interface ClientSize {
  minified: number;
  gzip: number;
  brotli: number;
}

/** Measures the last build of the package. */
export async function typescriptClientSizes(): Promise<Record<keyof typeof programs, ClientSize>> {
  const sizes = Object.entries(programs).map(async ([name, contents]) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: typescriptClient },
      // By package name, as a user imports it: then esbuild reads `sideEffects` in its package.json.
      alias: { client: join(typescriptClient, 'dist/index.js') },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
    });
    const code = outputFiles[0]?.contents ?? new Uint8Array();
    const sizes: ClientSize = {
      minified: code.length,
      gzip: gzipSync(code).length,
      brotli: brotliCompressSync(code).length,
    };
    return [name, sizes] as const;
  });
  return Object.fromEntries(await Promise.all(sizes)) as Record<keyof typeof programs, ClientSize>;
}

if (import.meta.main) {
  await buildTypescriptClient();
  console.table(await typescriptClientSizes());
}
