/** The dashboard and the alerts use valid PromQL, and only existing metrics and labels. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { meter } from '../../src/server/observe/metrics.ts';
import { root } from '../../src/server/package.ts';
import { expectEach } from '../support/expect-each.ts';

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; legendFormat: string }[];
}
interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; description: string };
}

const { registry, stop } = meter(createServer(), async () => true);
afterAll(() => {
  stop();
  registry.clear();
});

/** The labels that Prometheus adds to every series. */
const target = ['job', 'instance'];
/** The labels of each series of a scrape, by the name of the series. */
const series = new Map<string, string[]>([['up', target]]);
for (const metric of registry.getMetricsAsArray()) {
  const { name, labelNames = [], type } = metric as unknown as { name: string; labelNames?: string[]; type: string };
  const labels = [...target, ...labelNames];
  series.set(name, labels);
  if (type !== 'histogram') continue;
  series.set(`${name}_bucket`, [...labels, 'le']);
  for (const suffix of ['count', 'sum']) series.set(`${name}_${suffix}`, labels);
}

/** Returns the problems of a query. */
function faultsOf(query: string): string[] {
  // Grafana replaces this variable with a duration.
  const text = query.replaceAll('$__rate_interval', '5m');
  const faults: string[] = [];
  const known: string[] = [];
  const used: string[] = [];
  parser.parse(text).iterate({
    enter({ name, from, to, type, node }) {
      const what = text.slice(from, to);
      if (type.isError) faults.push(`cannot be read at ${from}`);
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') {
        const labels = series.get(what);
        if (labels === undefined) faults.push(`there is no ${what}`);
        known.push(...(labels ?? []));
      }
      if (name === 'LabelName') used.push(what);
    },
  });
  if (known.length === 0 && faults.length === 0) faults.push('asks for nothing');
  return [...faults, ...used.filter((label) => !known.includes(label)).map((label) => `there is no label ${label}`)];
}

test('the check finds unknown metrics, unknown labels and syntax errors', () => {
  expect(faultsOf('rate(portico_http_request_duration_seconds_count{code="500"}[5m])')).toEqual([]);
  expect(faultsOf('portico_redy')).toEqual(['there is no portico_redy']);
  expect(faultsOf('portico_ready{path="/"}')).toEqual(['there is no label path']);
  expect(faultsOf('sum by (path) (portico_ready)')).toEqual(['there is no label path']);
  expect(faultsOf('sum(portico_ready')).toEqual([expect.stringMatching(/^cannot be read/)]);
});

const { panels, templating } = JSON.parse(readFileSync(join(root, 'deploy/grafana/portico.json'), 'utf8')) as {
  panels: Panel[];
  templating: { list: { name: string; query: string }[] };
};
const shown = panels.filter(({ type }) => type !== 'row');

describe('the dashboard', () => {
  test.each(shown.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)))(
    '%s',
    (_, expr) => {
      expect(faultsOf(expr)).toEqual([]);
    },
  );

  test('uses only labels of the query result in its legends', () => {
    const labels = shown
      .flatMap(({ targets = [] }) => targets)
      .flatMap(({ expr, legendFormat }) => {
        const by = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? ['instance'];
        return [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => ({ by, label }));
      });
    expectEach(labels, ({ by, label }) => expect(by).toContain(label));
  });

  test('shows every portico_ metric', () => {
    const queries = shown.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');
    const ours = registry.getMetricsAsArray().map(({ name }) => name);
    expectEach(
      ours.filter((name) => name.startsWith('portico_')),
      (name) => expect(queries).toContain(name),
    );
  });

  test('has no overlapping panels and no duplicate ids', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(places).size).toBe(places.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  test('takes its variables from portico_build_info', () => {
    expectEach(
      templating.list.filter((variable) => variable.name !== 'datasource'),
      ({ name, query }) => {
        expect(query).toMatch(new RegExp(`^label_values\\(portico_build_info(\\{.*\\})?, ${name}\\)$`));
      },
    );
  });
});

describe('the alerts', () => {
  const { groups } = parse(readFileSync(join(root, 'deploy/prometheus/alerts.yml'), 'utf8')) as {
    groups: { rules: Rule[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);

  test.each(rules.map(({ alert, expr }) => [alert, expr] as const))('%s', (_, expr) => {
    expect(faultsOf(expr)).toEqual([]);
  });

  test('use only labels of the query result in their texts', () => {
    const labels = rules.flatMap(({ expr, annotations }) => {
      const by = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? target;
      const text = `${annotations.summary} ${annotations.description}`;
      return [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => ({ by, label }));
    });
    expectEach(labels, ({ by, label }) => expect(by).toContain(label));
  });

  test('have unique names', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});
