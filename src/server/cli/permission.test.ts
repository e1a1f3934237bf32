import { expect, test } from '@jest/globals';
import { UsageError } from './failure.ts';
import { permissionsOf } from './permission.ts';

test.each([
  ['api.*.read_key'],
  ['api.api_1.read_analytics'],
  ['portal.*.create_session'],
  ['audit_log.*.read_entry'],
  ['*.*.*'],
  ['api.*.*'],
  ['*.*.verify_key'],
])('%s is known', (tuple) => {
  expect(permissionsOf({ permission: [tuple] })).toEqual([tuple]);
});

test.each([
  ['api.*.read_kye', 'api.*.read_key'],
  ['api.api_1.craete_key', 'api.api_1.create_key'],
  ['apis.*.read_key', 'api.*.read_key'],
  ['api.*.create_session', 'portal.*.create_session'],
  ['*.*.verify-key', '*.*.verify_key'],
  ['prtal.*.*', 'portal.*.*'],
  ['API.*.READ_KEY', 'api.*.read_key'],
])('%s is probably %s', (tuple, meant) => {
  const read = () => permissionsOf({ permission: ['api.*.read_key', tuple] });
  expect(read).toThrow(UsageError);
  expect(read).toThrow(`No operation requires --permission ${tuple}. Did you mean ${meant}?`);
});

test("a company's own permissions can be allowed", () => {
  const permission = ['invoice.*.read', 'api.*.read_key'];
  expect(() => permissionsOf({ permission })).toThrow('Add --allow-unknown-permissions');
  expect(permissionsOf({ permission, allowUnknownPermissions: true })).toEqual(permission);
});

test('what is no permission at all is left to the domain', () => {
  expect(permissionsOf({ permission: ['all', 'a.b', 'a.b.c.d'] })).toEqual(['all', 'a.b', 'a.b.c.d']);
  expect(permissionsOf({})).toEqual([]);
});
