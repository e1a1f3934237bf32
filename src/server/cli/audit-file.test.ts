/** What a copy of the audit log may look like, and what the operator learns about one that is damaged. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readAuditFile } from './audit-file.ts';

const directory = await mkdtemp(join(tmpdir(), 'portico-audit-file-'));
afterAll(() => rm(directory, { recursive: true }));
const path = join(directory, 'audit.jsonl');

const entry = (time: number, more: object = {}) => ({
  ...{ auditId: `${time}-0`, time, action: 'key.delete', resource: { type: 'key', id: `key_${time}` } },
  ...more,
});
async function read(lines: (object | string)[], wanted: (time: number) => boolean = () => true) {
  await writeFile(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return readAuditFile(path, ({ time }) => wanted(time));
}

test('a line is an entry, a list of entries or a page of the API, and blank lines say nothing', async () => {
  const { entries, from } = await read([
    ...[entry(30), '', [entry(10), entry(40)]],
    ...['  ', { data: [entry(20)], pagination: { hasMore: false } }, [], ''],
  ]);
  expect(entries.map(({ time }) => time)).toEqual([30, 10, 40, 20]);
  expect(from).toBe(10);
});

test('the first time counts entries that are not wanted', async () => {
  const { entries, from } = await read([entry(10), entry(20), entry(30)], (time) => time > 10);
  expect(entries.map(({ time }) => time)).toEqual([20, 30]);
  expect(from).toBe(10);
});

test('an empty file has no entry and no first time', async () => {
  expect(await read([])).toEqual({ entries: [], from: Number.POSITIVE_INFINITY });
});

test.each([
  ['text', 'not JSON'],
  ['null', 'null'],
  ['an id without its number', entry(1, { auditId: '1-' })],
  ['an id without its time', entry(1, { auditId: '-0' })],
  ['an id with letters before it', entry(1, { auditId: 'a1-0' })],
  ['an id with letters after it', entry(1, { auditId: '1-0a' })],
  ['a time that is text', entry(1, { time: '1' })],
  ['no action', entry(1, { action: '' })],
  ['no resource', entry(1, { resource: undefined })],
  ['a resource without an id', entry(1, { resource: { type: 'key' } })],
  ['a list with one entry that is none', [entry(1), { time: 2 }]],
])('%s is refused with the number of its line', async (_name, line) => {
  await expect(read([entry(1), '', line, entry(2)])).rejects.toMatchObject({
    code: 'invalid_audit_log',
    exitCode: 2,
    message: `Line 3 of ${path} is no entry of the audit log. Copy the log with "portico audit tail --json".`,
  });
});

test('ids of several digits are read', async () => {
  const { entries } = await read([entry(12, { auditId: '1764201600000-12' })]);
  expect(entries.map(({ auditId }) => auditId)).toEqual(['1764201600000-12']);
});

test('a file that cannot be read is named, with the reason', async () => {
  const missing = join(directory, 'missing.jsonl');
  await expect(readAuditFile(missing, () => true)).rejects.toMatchObject({
    code: 'file_not_found',
    exitCode: 2,
    message: `The file ${missing} cannot be read: ENOENT.`,
  });
});
