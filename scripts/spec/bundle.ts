/** Bundles spec/ into one OpenAPI document, with Redocly. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { type Spec, specOperations } from '../../contract-tests/engine/spec.ts';
import { describeOpenEnums, forGenerators } from './inline.ts';

const root = join(import.meta.dirname, '../..');
const header = '# Bundled from spec/ by `npm run generate`. Do not edit: change spec/, then run it again.\n';

/** Each schema where it is used, and texts as they are in spec/. */
const format = { aliasDuplicateObjects: false, blockQuote: 'literal', lineWidth: 0, singleQuote: true } as const;

const namesOf = async (folder: string) =>
  (await readdir(join(root, 'spec', folder))).map((file) => basename(file, '.yaml')).sort();

/** The names of all components in the files of `spec/schemas`. */
async function schemaNames(): Promise<string[]> {
  const files = (await namesOf('schemas')).map((name) => readFile(join(root, `spec/schemas/${name}.yaml`), 'utf8'));
  return (await Promise.all(files)).flatMap((text) => Object.keys(parse(text))).sort();
}

/**
 * Writes the bundle of spec/ to a file, with texts, numbers and lists in place of their names.
 *
 * @returns the bundle with all names
 * @throws Error if a reference has no target, if nothing refers to a file of spec/, or if two components have the same name
 */
export async function bundleSpec(file: string): Promise<Spec> {
  const redocly = join(root, 'node_modules/@redocly/cli/bin/cli.js');
  await promisify(execFile)(process.execPath, [redocly, 'bundle', 'spec/openapi.yaml', '-o', file], {
    cwd: root,
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  }).catch(({ stderr }: { stderr: string }) => {
    throw new Error(stderr);
  });
  const spec = describeOpenEnums(parse(await readFile(file, 'utf8')) as Spec);
  const named: [string, string[], string[]][] = [
    ['paths', await namesOf('paths'), specOperations(spec).map(({ operationId }) => operationId)],
    ['schemas', await schemaNames(), Object.keys(spec.components.schemas)],
    ['errors', await namesOf('errors'), Object.keys(spec.components.examples)],
  ];
  for (const [folder, written, bundled] of named)
    if (!isDeepStrictEqual(written, bundled.sort())) {
      const differs = [...written, ...bundled].filter((name) => !(written.includes(name) && bundled.includes(name)));
      throw new Error(
        `spec/${folder} and the bundle differ in ${differs.join(', ')}: list new files in spec/openapi.yaml`,
      );
    }
  const text = stringify(forGenerators(spec), format);
  await writeFile(file, header + text);
  return spec;
}
