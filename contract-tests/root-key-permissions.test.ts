/** The table of permissions in the docs is the one of the contract. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSpec, specOperations } from './engine/spec.ts';

test('docs/root-key-permissions.md has every operation that takes a root key, with what it takes to call it', async () => {
  const text = await readFile(join(import.meta.dirname, '../docs/root-key-permissions.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([\w.]+)` \| `([\w.*]+)` \|/gm)].map(([, operation, tuple]) => [
    operation,
    tuple,
  ]);
  const declared = specOperations(await readSpec())
    .filter(({ security }) => security.some((way) => 'rootKey' in way))
    .map(({ operationId, 'x-permission': permission }) => [operationId, permission]);
  expect(rows).toEqual(declared);
});
