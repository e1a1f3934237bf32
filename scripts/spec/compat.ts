/**
 * Compares openapi.yaml with the last released contract, spec/released.json, and fails if a breaking change is not
 * announced in CHANGELOG.md. `--release` makes openapi.yaml the released contract.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Spec, specFile } from '../../contract-tests/engine/spec.ts';
import { breakingChanges, type SpecFile, unannounced } from './changes.ts';
import { releasedContract, releasedFile, releasedText } from './released-contract.ts';

const root = join(import.meta.dirname, '../..');

async function read(file: string): Promise<SpecFile & { version: string }> {
  const spec = parse(await readFile(file, 'utf8')) as Spec & { info: { version: string } };
  return { file, spec, version: spec.info.version };
}

/** A version with a tag is released: its contract no longer changes. */
const isTagged = (version: string) =>
  execFileSync('git', ['tag', '--list', `v${version}`], { cwd: root, encoding: 'utf8' }).trim() !== '';

async function release(): Promise<void> {
  const { spec, version } = await read(specFile);
  if (isTagged(version))
    throw new Error(`v${version} is already released: set info.version of spec/openapi.yaml to the next version`);
  await writeFile(releasedFile, releasedText(releasedContract(spec)));
  console.log(`spec/released.json is now the contract of ${version}; later changes are compared with it`);
}

async function check(): Promise<void> {
  const changes = await breakingChanges(await read(releasedFile), await read(specFile));
  const missing = unannounced(changes, await readFile(join(root, 'CHANGELOG.md'), 'utf8'));
  if (missing.length === 0) {
    console.log(changes.length === 0 ? 'nothing breaks' : `${changes.length} breaking changes, all announced`);
    return;
  }
  console.error('openapi.yaml breaks the released contract:');
  for (const { place, text } of missing) console.error(`  ${place}: ${text}`);
  console.error(
    'Undo the change, or announce it in CHANGELOG.md under Unreleased, ### Breaking, with each place in backticks.',
  );
  process.exitCode = 1;
}

try {
  await (process.argv.includes('--release') ? release() : check());
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
