/** The size that the TypeScript client adds to a program, by its imports: minified and gzipped. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildTypescriptClient, typescriptClient } from '../build/client.ts';

const connect = "new Connection({ baseUrl: 'http://localhost' })";

/** The measured programs. */
const programs = {
  'one operation': `import { Connection, keysVerifyKey } from 'client'; await keysVerifyKey(${connect}, { key: '' });`,
  'two operations': `import { Connection, keysVerifyKey, portalCreateSession } from 'client';
    const portico = ${connect}; await keysVerifyKey(portico, { key: '' }); await portalCreateSession(portico, {});`,
  'every operation': `import { Portico } from 'client'; await new Portico({ baseUrl: 'http://localhost' }).liveness();`,
  'an import that is not used': `import { Portico, keysVerifyKey, PorticoError } from 'client';`,
};

/** Sizes in bytes. */
export interface ClientSize {
  minified: number;
  gzipped: number;
}

/** Measures the last build of the package. */
export async function typescriptClientSizes(): Promise<Record<keyof typeof programs, ClientSize>> {
  const sizes = Object.entries(programs).map(async ([name, contents]) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: typescriptClient },
      // Imports the package by name, so that its package.json enables tree shaking.
      alias: { client: join(typescriptClient, 'dist/index.js') },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
    });
    const code = outputFiles[0]?.contents ?? new Uint8Array();
    return [name, { minified: code.length, gzipped: gzipSync(code).length }] as const;
  });
  return Object.fromEntries(await Promise.all(sizes)) as Record<keyof typeof programs, ClientSize>;
}

if (import.meta.main) {
  await buildTypescriptClient();
  console.table(await typescriptClientSizes());
}
