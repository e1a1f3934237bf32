/** Reads the metrics of a server. */
import { expect } from '@jest/globals';

/** The series of a scrape: the value of each `name{labels}`. */
export type Series = Map<string, number>;

/** The URL of a server's metrics, from its log. */
export function metricsUrlOf(log: string): string {
  const line = log.split('\n').find((entry) => entry.includes('"msg":"metrics are served"'));
  return `http://127.0.0.1:${JSON.parse(line ?? '{}').port}/metrics`;
}

/** One scrape, like one by Prometheus. */
export async function scrape(url: string): Promise<Series> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}
