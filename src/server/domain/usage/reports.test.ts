import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Store } from '../../store/index.ts';
import type { VerifiedRootKey } from '../../store/proof.ts';
import type { ReportedUse } from '../../store/usage.ts';
import { sha256 } from '../credentials.ts';
import { keyVerified } from '../events.ts';
import { reportVerifications } from './reports.ts';

const published: unknown[] = [];
const note = (message: unknown) => void published.push(message);
beforeEach(() => {
  published.length = 0;
  subscribe(keyVerified.name, note);
});
afterEach(() => {
  unsubscribe(keyVerified.name, note);
});

/** The report as the store gets it. The store has counted the key `repeated` before. */
async function reported(idempotencyKey: string, verifications: { key: string; count: number }[]) {
  const rootKey = { rootKeyId: 'rkid_1' } as unknown as VerifiedRootKey;
  const uses: ReportedUse[] = [];
  const more: number[] = [];
  const store = {
    rootKeys: { countMore: async (by: object, many: number) => void (by === rootKey && more.push(many)) },
    usage: {
      report: async (_: object, use: ReportedUse) => {
        uses.push(use);
        return use.hash === sha256('repeated') ? 0 : use.count;
      },
    },
  };
  await reportVerifications(store as unknown as Store, rootKey, idempotencyKey, verifications);
  return { uses, more };
}

test('a report counts each of its keys, and adds to the metrics what was not counted before', async () => {
  const verifications = [
    { key: 'first', count: 3 },
    { key: 'repeated', count: 5 },
    { key: 'first', count: 1 },
  ];
  const { uses, more } = await reported('k', verifications);
  const report = uses[0]?.report;
  expect(uses).toEqual(
    verifications.map(({ key, count }, position) => ({ hash: sha256(key), count, report, position })),
  );
  expect(more).toEqual([2]);
  expect(published).toEqual([
    { outcome: 'VALID', count: 3 },
    { outcome: 'VALID', count: 1 },
  ]);
});

test('a report is another one with another key of idempotency, other keys, counts or order', async () => {
  const [a, b] = [
    { key: 'a', count: 1 },
    { key: 'b', count: 1 },
  ];
  const idOf = async (...report: Parameters<typeof reported>) => (await reported(...report)).uses[0]?.report;
  const ids = await Promise.all([
    idOf('k', [a, b]),
    idOf('l', [a, b]),
    idOf('k', [b, a]),
    idOf('k', [a]),
    idOf('k', [a, { ...b, count: 2 }]),
    idOf('k', [a, { ...b, key: 'c' }]),
  ]);
  expect(new Set(ids).size).toBe(6);
  expect(await idOf('k', [{ count: 1, key: 'a' }, { ...b }])).toBe(ids[0]);
});
