import { expect, test } from '@jest/globals';
import type { AuditRecord } from './audit.ts';
import { entryText, maxEntryBytes } from './audit-entry.ts';

const record: AuditRecord = {
  action: 'portal.update',
  actor: { type: 'root_key', id: 'rkid_1' },
  userAgent: 'u'.repeat(256),
  resource: { type: 'portal', id: 'portal_1' },
  before: { name: 'Old', returnUrl: 'https://a.example/' },
  after: { name: 'New', returnUrl: null },
};

test('an entry is the record as it is', () => {
  expect(JSON.parse(entryText(record))).toEqual(record);
  const { before: _, after: __, ...bare } = record;
  expect(JSON.parse(entryText(bare))).toEqual(bare);
});

test('an entry has up to 4,096 bytes, and the sizes of the values that do not fit', () => {
  const origins = Array.from({ length: 20 }, () => 'ü'.repeat(100));
  const large = { ...record, after: { ...record.after, allowedOrigins: origins, medium: 'm'.repeat(3000) } };
  const text = entryText(large);
  expect(JSON.parse(text)).toEqual({ ...large, after: { ...large.after, allowedOrigins: '(4061 bytes)' } });
  expect(Buffer.byteLength(text)).toBeGreaterThan(3000);
  const huge = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`field${i}`, 'x'.repeat(2000 + i)]));
  const all = entryText({ ...record, before: huge, after: huge });
  expect(Buffer.byteLength(all)).toBeLessThanOrEqual(maxEntryBytes);
  expect(huge['field0']).toHaveLength(2000);
});

test('the largest entry that fits is whole', () => {
  const room = maxEntryBytes - Buffer.byteLength(entryText({ ...record, after: { name: '' } }));
  const text = (length: number) => entryText({ ...record, after: { name: 'n'.repeat(length) } });
  expect(Buffer.byteLength(text(room))).toBe(maxEntryBytes);
  expect(JSON.parse(text(room + 1)).after).toEqual({ name: `(${room + 3} bytes)` });
});
