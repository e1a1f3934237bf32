/**
 * Builds the package in contract-tests into its own dist. Node does not strip types in node_modules, so it is JavaScript: the command and the
 * library, with the packages that they use, the contract, the schema of the report and declarations.
 */
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
/** The folder of the package. The build is in its `dist`. */
export const conformancePackage = join(root, 'contract-tests');

/** The folders of the packages that a bundle includes. */
const packagesOf = ({ inputs }: Metafile): string[] => {
  const folders = Object.keys(inputs).map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
};

/** The names, versions and licenses of packages, as their licenses require of a copy. */
async function licensesOf(folders: string[]): Promise<string> {
  const texts = folders.map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    const file = (await readdir(join(root, folder))).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? '' : await readFile(join(root, folder, file), 'utf8');
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}

/**
 * Writes the declarations of a module and of those that its declarations import.
 *
 * @throws Error if a declaration does not follow from its own file
 */
async function writeDeclarations(file: string, directory: string, written = new Set<string>()): Promise<void> {
  if (written.has(file)) return;
  written.add(file);
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(await readFile(file, 'utf8'), { fileName: file });
  const [fault] = diagnostics;
  if (fault !== undefined) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')}`);
  const target = join(directory, relative(conformancePackage, file).replace(/\.ts$/, '.d.ts'));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, outputText.replaceAll(/(from |import\()(['"]\.[^'"]+)\.ts(['"])/g, '$1$2.js$3'));
  for (const [, imported = ''] of outputText.matchAll(/(?:from |import\()['"](\.[^'"]+\.ts)['"]/g))
    await writeDeclarations(resolve(dirname(file), imported), directory, written);
}

/**
 * Builds the package, in a few seconds.
 *
 * @throws Error with what the bundler or the compiler reports
 */
export async function buildConformance(): Promise<void> {
  const dist = join(conformancePackage, 'dist');
  await rm(dist, { recursive: true, force: true });
  const suite = join(dist, 'lib/suite');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['cli', 'clients/cli', 'index'].map((name) => join(conformancePackage, `${name}.ts`)),
    outdir: suite,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    metafile: true,
    logLevel: 'error',
    // Packages in CommonJS use these, which modules do not have.
    banner: {
      js: [
        "import { createRequire as createRequireOfBundle } from 'node:module';",
        'const [require, __dirname] = [createRequireOfBundle(import.meta.url), import.meta.dirname];',
      ].join('\n'),
    },
  });
  for (const name of ['cli.js', 'clients/cli.js']) {
    const command = join(suite, name);
    await writeFile(command, `#!/usr/bin/env node\n${await readFile(command, 'utf8')}`);
    await chmod(command, 0o755);
  }
  // The modules look for both two folders above theirs, as in the sources.
  await copyFile(join(root, 'openapi.yaml'), join(dist, 'openapi.yaml'));
  await mkdir(join(dist, 'spec'));
  await copyFile(join(root, 'spec/released.json'), join(dist, 'spec/released.json'));
  await copyFile(join(conformancePackage, 'report/report.schema.json'), join(dist, 'report.schema.json'));
  await copyFile(join(root, 'LICENSE'), join(dist, 'LICENSE'));
  await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), await licensesOf(packagesOf(metafile)));
  await writeDeclarations(join(conformancePackage, 'index.ts'), join(dist, 'types'));
}

if (import.meta.main) await buildConformance();
