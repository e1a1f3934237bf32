/** A history: what clients learned from their calls, and when. checker/models.go describes each field. */
import { createHash } from 'node:crypto';

/** What a client learned from a call. */
interface Answer {
  result: string;
  value?: string;
  remaining?: number;
  quota?: number;
  reset?: number;
}

/** The answer to a call that may have taken effect or not, or may do so later. */
export const unknown = 'unknown';

/** A call about one object, with times in µs since the start of the run. */
export interface Call extends Answer {
  object: string;
  model: 'session' | 'portal' | 'keys' | 'limits' | 'window';
  client: number;
  server: string;
  at: number;
  until: number;
  op: string;
  part: number;
  with?: string;
  cost?: number;
}

/** A name for a credential, so that no history contains a secret. */
export const fingerprint = (credential: unknown): string =>
  createHash('sha256').update(String(credential)).digest('hex').slice(0, 8);

const shown = ({ result, value, remaining, quota }: Answer): string =>
  [result, value, remaining !== undefined && `${remaining} left`, quota !== undefined && `${quota} of the quota left`]
    .filter(Boolean)
    .join(', ');

/** Renders calls as a table for a person, with times in ms. */
export function tableOf(calls: Call[]): string {
  const rows = calls.map((call) => {
    const { op, part, with: sent, cost, client, server, at, until, result } = call;
    const ms = (time: number) => (time / 1000).toFixed(1);
    return [
      ms(at),
      result === unknown ? '' : ms(until),
      `client ${client}`,
      server,
      [op, part >= 0 && part, sent && `with ${sent}`, cost && `cost ${cost}`]
        .filter((word) => word !== false && word !== undefined && word !== 0)
        .join(' '),
      shown(call),
    ];
  });
  const table = [['from', 'to', 'client', 'server', 'call', 'response'], ...rows];
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
