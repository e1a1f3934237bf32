/**
 * Holds openapi.yaml against the last released one, in contract-tests/released, and fails where something breaks that
 * CHANGELOG.md does not announce. `--release` makes the present one the released one.
 */
import { execFileSync } from 'node:child_process';
import { copyFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Spec, specFile } from '../contract-tests/engine/spec.ts';
import { breakingChanges, type SpecFile, unannounced } from './spec-changes.ts';

const root = join(import.meta.dirname, '..');
const directory = join(root, 'contract-tests/released');

async function read(file: string): Promise<SpecFile & { version: string }> {
  const spec = parse(await readFile(file, 'utf8')) as Spec & { info: { version: string } };
  return { file, spec, version: spec.info.version };
}

async function released(): Promise<string> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.yaml'));
  if (files.length !== 1) throw new Error(`contract-tests/released must hold one spec, and holds ${files.length}`);
  return join(directory, files[0] ?? '');
}

/** A version that has its tag is out: what it promised stays. */
const isTagged = (version: string) =>
  execFileSync('git', ['tag', '--list', `v${version}`], { cwd: root, encoding: 'utf8' }).trim() !== '';

async function release(): Promise<void> {
  const { version } = await read(specFile);
  const before = await released();
  const file = join(directory, `openapi-${version}.yaml`);
  if (isTagged(version))
    throw new Error(`v${version} is released already: give info.version of openapi.yaml its next value`);
  await copyFile(specFile, file);
  if (before !== file) await rm(before);
  console.log(`contract-tests/released/openapi-${version}.yaml is what later changes are held against`);
}

async function check(): Promise<void> {
  const changes = await breakingChanges(await read(await released()), await read(specFile));
  const secret = unannounced(changes, await readFile(join(root, 'CHANGELOG.md'), 'utf8'));
  if (secret.length === 0) {
    console.log(changes.length === 0 ? 'nothing breaks' : `${changes.length} breaking changes, all announced`);
    return;
  }
  console.error('openapi.yaml breaks what was released:');
  for (const { place, text } of secret) console.error(`  ${place}: ${text}`);
  console.error(
    'Undo it, or announce it in CHANGELOG.md under Unreleased, ### Breaking, naming each place in backticks.',
  );
  process.exitCode = 1;
}

try {
  await (process.argv.includes('--release') ? release() : check());
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
