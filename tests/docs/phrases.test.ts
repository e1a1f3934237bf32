/** Phrases of earlier texts that were hard to read. cspell.json refuses single words; it cannot refuse a phrase. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../../src/server/package.ts';

const phrases =
  /cannot be had|to be had|held against|where nothing is said|is any number|who to be to|(?:are|is|be) told|how to mend|living keys?/i;

const folders = ['docs', 'spec', 'src', 'contract-tests', 'scripts', 'deploy', 'clients/typescript/src'];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(md|ya?ml|tsx?|lua|css)$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name)),
);

test('no text uses a phrase that was replaced', () => {
  expect(files.length).toBeGreaterThan(300);
  const found = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...files].filter((name) =>
    phrases.test(readFileSync(join(root, name), 'utf8')),
  );
  expect(found).toEqual([]);
});
