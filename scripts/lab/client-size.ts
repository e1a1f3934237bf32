/** What a program takes on with the TypeScript client, by what it imports: minified, and compressed. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildTypescriptClient, typescriptClient } from '../build/client.ts';

const connect = "new Connection({ baseUrl: 'http://localhost' })";

/** What is measured, each a program. */
const programs = {
  'one operation': `import { Connection, keysVerifyKey } from 'client'; await keysVerifyKey(${connect}, { key: '' });`,
  'two operations': `import { Connection, keysVerifyKey, portalCreateSession } from 'client';
    const portico = ${connect}; await keysVerifyKey(portico, { key: '' }); await portalCreateSession(portico, {});`,
  'every operation': `import { Portico } from 'client'; await new Portico({ baseUrl: 'http://localhost' }).liveness();`,
  'an import that is not used': `import { Portico, keysVerifyKey, PorticoError } from 'client';`,
};

/** Bytes, as they are and with gzip. */
export interface ClientSize {
  minified: number;
  gzipped: number;
}

/** Weighs the package as it was built last. */
export async function typescriptClientSizes(): Promise<Record<keyof typeof programs, ClientSize>> {
  const sizes = Object.entries(programs).map(async ([name, contents]) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: typescriptClient },
      // By its name, as its user has it: then its package.json says whether what is not used may go.
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
