/** A page with evidence shows the results that are stored next to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { markdown } from '../../scripts/lab/soak/report.ts';
import { formatSummary, type Summary } from '../../scripts/lab/soak/summary.ts';
import { root } from '../../src/server/package.ts';

const text = (name: string) => readFileSync(join(root, 'docs/evidence', name), 'utf8');

test('soak.md shows soak.json, as `npx node scripts/lab/soak/main.ts` writes both', () => {
  const summary: Summary = JSON.parse(text('soak.json'));
  expect(markdown(summary)).toBe(text('soak.md'));
  expect(formatSummary(summary)).toBe(text('soak.json'));
});
