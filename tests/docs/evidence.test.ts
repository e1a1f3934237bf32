/** A page with evidence shows the results that are stored next to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { promises } from '../../contract-tests/clients/promises.ts';
import { readJudged } from '../../scripts/clients/judged.ts';
import { languages } from '../../scripts/clients/languages.ts';
import { markdown } from '../../scripts/lab/soak/report.ts';
import { formatSummary, type Summary } from '../../scripts/lab/soak/summary.ts';
import { root } from '../../src/server/package.ts';

const text = (name: string) => readFileSync(join(root, 'docs/evidence', name), 'utf8');

test('soak.md shows soak.json, as `npx node scripts/lab/soak/main.ts` writes both', () => {
  const summary: Summary = JSON.parse(text('soak.json'));
  expect(markdown(summary)).toBe(text('soak.md'));
  expect(formatSummary(summary)).toBe(text('soak.json'));
});

describe('clients.json, as `npm run clients -- --judge` writes it', () => {
  test('has clients in the version that is generated', async () => {
    const generated = languages.filter(({ start }) => start !== undefined);
    const wanted = generated.map(({ title, generator, version }) => [title, `${generator} ${version}`]);
    const [own, ...others] = await readJudged();
    expect(others.length).toBeGreaterThan(5);
    expect(wanted).toEqual(expect.arrayContaining(others.map(({ title, made }) => [title, made])));
    expect(own?.title).toBe('@portico/client');
  });

  test('has a result for each promise', async () => {
    const ids = promises.map(({ id }) => id).sort();
    const judged = await readJudged();
    expect(judged.map(({ results }) => Object.keys(results).sort())).toEqual(judged.map(() => ids));
  });

  test('says that @portico/client holds each promise, which client-judge.test.ts proves', async () => {
    const [own] = await readJudged();
    expect(Object.entries(own?.results ?? {}).filter(([, { outcome }]) => outcome !== 'held')).toEqual([]);
  });
});
