/** The findings that `npm run fuzz` accepts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Accepted, problemsOf } from '../../scripts/fuzz/accepted.ts';

test('each accepted finding has a reason, and there are no more of them than before', async () => {
  const file = join(import.meta.dirname, '../../scripts/fuzz/accepted.json');
  expect(problemsOf(JSON.parse(await readFile(file, 'utf8')) as Accepted)).toEqual([]);
});

test('a finding without a reason, and one more than the maximum, are problems', () => {
  const entry = { operation: 'POST /v2/portal.createKey', check: 'not_a_server_error' };
  expect(problemsOf({ entries: [{ ...entry, reason: ' ' }] }, 0)).toEqual([
    'accepted.json: POST /v2/portal.createKey, not_a_server_error has no reason',
    'accepted.json has 1 entries, at most 0 may be',
  ]);
});
