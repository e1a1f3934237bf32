import { expect, test } from '@jest/globals';
import { type AuditArgs, auditLog } from './audit.ts';
import { keys } from './keys.ts';

const entry = { actor: { type: 'cli' }, action: 'api.create', resource: { type: 'api', id: 'api_1' } } as const;
const home = keys.audit('ws_acme');
const partition = keys.sessionAudit({ workspaceId: 'ws_acme', partition: 17 });

/** Writes entries with these outcomes, and returns what their scripts have got. */
async function write(log: string, outcomes: string[], audit = auditLog({ maxEntries: 1000, maxAgeDays: 2 })) {
  const taken: (AuditArgs & { audit: string })[] = [];
  for (const outcome of outcomes) {
    await audit.write(log, entry, async (args, logKey) => {
      taken.push({ ...args, ...logKey });
      return { outcome };
    });
  }
  return taken;
}

test.each([
  ['at home has half of the entries', home, 500],
  ['in a partition has its share of the other half', partition, 8],
])('an audit log %s', async (_, log, auditMaxEntries) => {
  const auditEntry = expect.stringContaining('"api.create"');
  const first = { audit: log, auditEntry, auditMaxEntries, auditMaxAgeSeconds: 172_800 };
  expect(await write(log, ['ok', 'ok'])).toEqual([first, { ...first, auditMaxAgeSeconds: 0 }]);
});

test('old entries of an audit log are removed with the first entry and with each 64th, and again if nothing was written', async () => {
  const ages = (all: AuditArgs[]) =>
    all.map(({ auditMaxAgeSeconds }) => (auditMaxAgeSeconds > 0 ? 'due' : '-')).join('');
  const refused = ['refused', 'refused', 'ok', 'refused', 'ok'];
  expect(ages(await write(home, refused))).toBe('duedue' + 'due' + '--');
  const audit = auditLog({ maxEntries: 1000, maxAgeDays: 2 });
  const many = await write(home, Array(130).fill('ok'), audit);
  expect(many.flatMap(({ auditMaxAgeSeconds }, i) => (auditMaxAgeSeconds > 0 ? [i] : []))).toEqual([0, 64, 128]);
  expect(ages(await write(partition, ['ok'], audit))).toBe('due');
});
