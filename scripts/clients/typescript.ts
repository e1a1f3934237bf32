/** TypeScript: the client that this project uses, and a types-only client with a small runtime. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language, Workbench } from './language.ts';

const { dirname } = import.meta;
const root = join(dirname, '../..');
const own = (name: string) => join(root, 'node_modules', name);

/** A reader's tsconfig, with the strictness that the generated code supports. */
const tsconfig = {
  compilerOptions: {
    ...{ target: 'ES2024', lib: ['ES2024', 'DOM'], module: 'NodeNext', moduleResolution: 'NodeNext' },
    ...{ strict: true, noUncheckedIndexedAccess: true, erasableSyntaxOnly: true, verbatimModuleSyntax: true },
    ...{ noEmit: true, allowImportingTsExtensions: true, types: ['node'], typeRoots: [own('@types')] },
  },
  include: ['first.ts', 'flow.ts', 'judge.ts', 'generated/**/*.ts'],
};

async function typecheck({ directory, run }: Workbench): Promise<void> {
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(tsconfig));
  await run([process.execPath, own('typescript/bin/tsc'), '-p', '.']);
}

const start = async (_: Workbench, program: string) => [process.execPath, `${program}.ts`];
const install = (packages: string[]) => ['npm', 'install', '--no-audit', '--no-fund', '--save-exact', ...packages];
const asModule = ({ directory }: Workbench) => writeFile(join(directory, 'package.json'), '{"type":"module"}');

/** @hey-api/openapi-ts, a dependency of this project. */
export const typescript: Language = {
  id: 'typescript',
  title: 'TypeScript',
  generator: '@hey-api/openapi-ts',
  version: '0.99.0',
  proves: 'run',
  recipe: ['node', 'generate.ts'],
  first: { file: 'first.ts', fence: 'ts' },
  prepare: asModule,
  tool: () => ({ command: [process.execPath] }),
  compile: typecheck,
  start,
};

/** openapi-typescript generates only types; openapi-fetch is a typed `fetch`. */
export const openapiFetch: Language = {
  id: 'typescript-fetch',
  title: 'TypeScript, types alone',
  generator: 'openapi-typescript with openapi-fetch',
  version: '7.13.0, 0.17.0',
  proves: 'run',
  recipe: ['openapi-typescript', 'openapi.yaml', '--output', 'generated/schema.ts', '--default-non-nullable', 'false'],
  notes: ['`--default-non-nullable false`, else request fields with a default are required'],
  first: { file: 'first.ts', fence: 'ts' },
  async prepare(bench) {
    await asModule(bench);
    const packages = ['openapi-typescript@7.13.0', 'openapi-fetch@0.17.0', 'typescript@5.9.3'];
    await bench.run(install(packages), { quiet: true });
  },
  tool: () => ({ command: ['node_modules/.bin/openapi-typescript'] }),
  compile: typecheck,
  start,
};
