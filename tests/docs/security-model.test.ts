/** The security model names tests. Each of them exists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../../src/server/package.ts';

const page = readFileSync(join(root, 'docs/concepts/security-model.md'), 'utf8');
const [, classes = ''] = /^## Classes of attack\n([\s\S]*?)^## /m.exec(page) ?? [];
const named = [...classes.matchAll(/`([^`]+)`: “([^”]+)”/g)];

test('every file of tests in the security model exists', () => {
  const files = [...page.matchAll(/`((?:src|tests|contract-tests)\/[^`]+\.ts)`/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('each of the seven classes names tests that exist', () => {
  const rows = classes.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| class '));
  expect(rows).toHaveLength(7);
  expect(rows.filter((row) => !/`: “[^”]+” \|$/.test(row))).toEqual([]);
  const missing = named.filter(([, file = '', name = '']) => !readFileSync(join(root, file), 'utf8').includes(name));
  expect(missing.map(([text]) => text)).toEqual([]);
});
