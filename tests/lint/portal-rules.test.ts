/** The rules of biome.json for the portal, on samples: nothing but server/clock.ts reads the clock of the device. */
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { root } from '../../src/server/package.ts';

const bad = ['Date.now()', 'later(Date.now)', 'new Date()', 'new Date', 'Date()', 'useNow()', 'useNow({})'];
const good = ['now()', 'new Date(at)', 'new Date(now())', 'Date.parse(text)'];
const samples = {
  ...Object.fromEntries([...bad, ...good].map((code, i) => [`src/portal/keys/sample${i}.ts`, code])),
  'src/portal/keys/sample.test.ts': 'Date.now()',
  'src/portal/server/clock.ts': 'Date.now()',
  'src/server/sample.ts': 'Date.now()',
};

let directory: string;
/** The samples that Biome refuses because of the clock. */
let refused: Set<string>;

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'portico-lint-')));
  await copyFile(join(root, 'biome.json'), join(directory, 'biome.json'));
  await cp(join(root, 'scripts/lint'), join(directory, 'scripts/lint'), { recursive: true });
  await Promise.all(
    Object.entries(samples).map(async ([name, code]) => {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), `export const sample = (${code});\n`);
    }),
  );
  const args = ['lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none', 'src'];
  // Biome exits with 1, because it finds the bad samples.
  const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/biome'), args, { cwd: directory }).catch(
    (error: { stdout: string }) => error,
  );
  const found = stdout.split('\n').filter((line) => line.includes('This reads the clock of the device'));
  refused = new Set(found.map((line) => /,file=[^,]*?(src\/[^,]+),/.exec(line)?.[1] ?? line));
});
afterAll(() => rm(directory, { recursive: true }));

test('exactly the files of the portal that read the clock of the device are refused', () => {
  expect([...refused].sort()).toEqual(bad.map((_, i) => `src/portal/keys/sample${i}.ts`).sort());
});
