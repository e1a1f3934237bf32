/** What our dependencies can do and are: install scripts, licences, advisories, and the list of what an image contains. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { untriaged } from '../../scripts/supply-chain/audit.ts';
import { type Licences, refusedLicences, unknownScripts } from '../../scripts/supply-chain/check.ts';
import { type Lock, readJson, readLock, root } from '../../scripts/supply-chain/packages.ts';
import { sbomOf, sbomsOfImage } from '../../scripts/supply-chain/sbom.ts';

const lock = await readLock();
const { allowScripts } = await readJson<{ allowScripts: Record<string, boolean> }>('package.json');
const licences = await readJson<Licences>('scripts/supply-chain/licences.json');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portico-supply-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Installs a package with an install script, and returns whether the script has run. */
async function installs(project: string, withOurs: boolean): Promise<boolean> {
  const [home, dependency] = [join(directory, project), join(directory, `${project}-dependency`)];
  await mkdir(home);
  await mkdir(dependency);
  const proof = join(directory, `${project}-ran`);
  const scripts = { postinstall: `node -e "require('fs').writeFileSync('${proof}', '')"` };
  await writeFile(join(dependency, 'package.json'), JSON.stringify({ name: 'dependency', version: '1.0.0', scripts }));
  await writeFile(join(home, 'package.json'), JSON.stringify({ name: 'home', version: '1.0.0' }));
  if (withOurs) await copyFile(join(root, '.npmrc'), join(home, '.npmrc'));
  const args = ['install', '--offline', '--install-links', '--no-audit', '--no-fund', dependency];
  // What npm tells the scripts that it runs would be settings of this npm.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  await promisify(execFile)('npm', args, { cwd: home, env });
  return existsSync(proof);
}

test('no install script runs, and without our setting it would', async () => {
  expect(await installs('ours', true)).toBe(false);
  expect(await installs('others', false)).toBe(true);
});

test('a new dependency with an install script is refused until somebody has decided', () => {
  expect(unknownScripts(lock, allowScripts)).toEqual([]);
  const planted: Lock = {
    ...lock,
    'node_modules/@new/one': { version: '1.0.0', license: 'MIT', hasInstallScript: true },
  };
  expect(unknownScripts(planted, allowScripts)).toEqual([
    expect.stringMatching(/^node_modules\/@new\/one has an install/),
  ]);
});

test.each<[Lock[string], boolean]>([
  [{ license: 'MIT' }, true],
  [{ license: '(GPL-3.0 OR MIT)' }, true],
  [{ license: 'MIT AND ISC' }, true],
  [{ license: 'MIT AND GPL-3.0' }, false],
  [{ license: 'GPL-3.0' }, false],
  [{ license: 'GPL-3.0', dev: true }, false],
  [{ license: 'MPL-2.0', dev: true }, true],
  [{ license: 'MPL-2.0' }, false],
  [{}, false],
])('a package with %j is allowed: %s', (locked, isAllowed) => {
  expect(refusedLicences({ 'node_modules/one': locked }, licences, []).length === 0).toBe(isAllowed);
});

test('what is bundled into the portal counts as shipped, although npm calls it a tool', async () => {
  const { packages } = await readJson<{ packages: string[] }>('dist/portal/metafile.json');
  expect(packages).toContain('node_modules/react');
  expect(refusedLicences(lock, licences, packages)).toEqual([]);
  const planted: Lock = { 'node_modules/react': { license: 'MPL-2.0', dev: true } };
  expect(refusedLicences(planted, licences, packages)).toHaveLength(1);
});

test('an advisory needs a decision that still holds', () => {
  const report = { vulnerabilities: { one: { via: ['two', { url: 'GHSA-1', title: 'Bad' }] }, two: { via: [] } } };
  const decision = (until: string) => [{ id: 'GHSA-1', why: 'we never call it', until }];
  expect(untriaged(report, [], '2026-11-26')).toEqual(['one: Bad (GHSA-1)']);
  expect(untriaged(report, decision('2026-11-26'), '2026-11-26')).toEqual([]);
  expect(untriaged(report, decision('2026-11-25'), '2026-11-26')).toHaveLength(1);
});

test('the bill of materials has each package with its version, licence and hash', () => {
  const ofServer: Lock = Object.fromEntries(Object.entries(lock).filter(([, { dev }]) => dev !== true));
  const { bomFormat, specVersion, components } = sbomOf('portico-server', '1.0.0', ofServer, licences.named);
  expect([bomFormat, specVersion, components.length]).toEqual(['CycloneDX', '1.5', Object.keys(ofServer).length]);
  const [express] = components.filter(({ name }) => name === 'express');
  expect(express).toMatchObject({
    purl: `pkg:npm/express@${express?.version}`,
    licenses: [{ license: { id: 'MIT' } }],
  });
  for (const { licenses, hashes } of components) {
    expect(licenses).toHaveLength(1);
    expect(hashes?.[0]).toMatchObject({ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) });
  }
});

test('both bills of materials of an image follow the schema of CycloneDX, and a wrong one does not', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
  const faultsOf = async (sbom: object) => validator.validate(JSON.stringify(sbom));
  const { server, portal } = await sbomsOfImage();
  expect([await faultsOf(server), await faultsOf(portal)]).toEqual([null, null]);
  expect([server.components.length > 50, portal.components.length > 20]).toEqual([true, true]);
  const [first, ...others] = server.components;
  // Not a type of the schema, not a licence of SPDX, twice the same part, and a field that nobody knows.
  const wrong = [
    { ...server, components: [{ ...first, type: 'package' }, ...others] },
    { ...server, components: [{ ...first, licenses: [{ license: { id: 'MIT 2' } }] }] },
    { ...server, components: [first, first] },
    { ...server, made: 'here' },
  ];
  for (const each of wrong) expect(await faultsOf(each)).not.toBeNull();
});
