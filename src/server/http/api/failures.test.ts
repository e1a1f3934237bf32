/** The failures of the validator in the words of the contract. tests/validation compares the validation itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type OperationId, operations } from '../../../../generated/operations.ts';
import { root } from '../../package.ts';
import { failureOf } from './failures.ts';

const failure = (id: OperationId, path: string, keyword?: string) =>
  failureOf(id, {
    path,
    message: 'as the library says it',
    ...(keyword && { errorCode: `${keyword}.openapi.validation` }),
  });

describe('locations', () => {
  test.each([
    ['/body/slug', 'body.slug'],
    ['/body/permissions/0', 'body.permissions[0]'],
    ['/body/branding/a/10/b', 'body.branding.a[10].b'],
    ['/body/1a', 'body.1a'],
    ['/body/a1', 'body.a1'],
    ['/query/limit', 'query.limit'],
    ['/body', 'body'],
    ['/', 'body'],
    ['', 'body'],
  ])('of %j is %s', (path, location) => {
    expect(failure('portal.createSession', path, 'any')).toEqual({ location, message: 'as the library says it' });
  });

  test('have 256 characters at most, and no secret', () => {
    const name = 'a-'.repeat(200);
    expect(failure('portal.createSession', `/body/${name}`)?.location).toBe(`body.${name}`.slice(0, 256));
    expect(failure('portal.createSession', `/body/${'x'.repeat(22)}`)?.location).toBe('body.[redacted]');
  });
});

test.each<[OperationId, string, string, string, string]>([
  ['portal.createSession', '/body', 'required', 'is required', 'Send a JSON object as the body.'],
  ['portal.createSession', '/body/slug', 'required', 'is required', 'Add body.slug.'],
  ['portal.createSession', '/body/a', 'additionalProperties', 'is not known to this operation', 'Leave out body.a.'],
  ['portal.createSession', '/body/slug', 'type', 'must be a string', 'Send a string.'],
  ['portal.createSession', '/body/permissions', 'type', 'must be an array', 'Send an array.'],
  ['portal.updateKey', '/body/name', 'type', 'must be a string or null', 'Send a string or null.'],
  ['portal.createSession', '/body/slug', 'minLength', 'must have 3 to 64 characters', 'Use 3 to 64 characters.'],
  ['portal.createSession', '/body/slug', 'maxLength', 'must have 3 to 64 characters', 'Use 3 to 64 characters.'],
  [
    'portal.createSession',
    '/body/permissions/0',
    'pattern',
    'must be a permission of the form {resourceType}.{resourceId}.{action}',
    'Send a permission of the form {resourceType}.{resourceId}.{action}.',
  ],
  [
    'portal.createConfiguration',
    '/body/supportUrl',
    'format',
    'must be a percent-encoded URL that starts with https://',
    'Send a percent-encoded URL that starts with https://.',
  ],
  ['portal.createSession', '/body/permissions', 'minItems', 'must have 1 to 100 items', 'Use 1 to 100 items.'],
  ['portal.createSession', '/body/permissions', 'maxItems', 'must have 1 to 100 items', 'Use 1 to 100 items.'],
  ['portal.createConfiguration', '/body/apiIds', 'maxItems', 'must have at most 100 items', 'Use at most 100 items.'],
  [
    'portal.createConfiguration',
    '/body/apiIds',
    'uniqueItems',
    'must not have the same item twice',
    'Send each item once.',
  ],
  [
    'portal.listKeys',
    '/body/limit',
    'minimum',
    'must be a number in the range 1 to 100',
    'Send a number in the range 1 to 100.',
  ],
  [
    'portal.listKeys',
    '/body/limit',
    'maximum',
    'must be a number in the range 1 to 100',
    'Send a number in the range 1 to 100.',
  ],
])('%s: %s breaks %s', (id, path, keyword, message, fix) => {
  expect(failure(id, path, keyword)).toMatchObject({ message, fix });
});

test('a value that is not in a list: the values are named', () => {
  expect(failure('auditLogs.listEntries', '/body/action', 'enum')?.message).toMatch(
    /^must be one of "session\.create", "session\.exchange", /,
  );
});

test('a query parameter that the operation does not know', () => {
  expect(failure('portal.createSession', '/query/a')).toEqual({
    location: 'query.a',
    message: 'is not known to this operation',
    fix: 'Leave out query.a.',
  });
});

test('a rule without words of ours has those of the library, without secrets', () => {
  const raw = { path: '/body/a', message: 'no pst_abcdefgh', errorCode: 'not.openapi.validation' };
  expect(failureOf('portal.createSession', raw)).toEqual({ location: 'body.a', message: 'no pst_[redacted]' });
});

describe('every rule of every request has words', () => {
  type Schema = Record<string, unknown> & { $ref?: string; properties?: Record<string, Schema>; items?: Schema };
  const contract = JSON.parse(readFileSync(join(root, 'generated/contract.json'), 'utf8'));
  const annotations = new Set(['$ref', 'properties', 'items', 'default', 'x-form', 'nullable']);

  /** Each keyword of a schema, with the path of its field. */
  function keywordsOf({ $ref, ...schema }: Schema, path: string): [string, string][] {
    const own = $ref === undefined ? [] : keywordsOf(contract.components.schemas[$ref.split('/').at(-1) ?? ''], path);
    const rules = Object.keys(schema).filter((name) => !annotations.has(name));
    return [
      ...own,
      ...rules.map((name): [string, string] => [path, name]),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => keywordsOf(field, `${path}/${name}`)),
      ...(schema.items ? keywordsOf(schema.items, `${path}/0`) : []),
    ];
  }

  test.each(Object.keys(operations) as OperationId[])('%s', (id) => {
    const { method, path } = operations[id];
    const schema = contract.paths[path][method].requestBody?.content['application/json'].schema ?? {};
    const failures = keywordsOf(schema, '/body').map(([field, keyword]) => failure(id, field, keyword));
    const withoutWords = failures.filter(({ message }) => /undefined|as the library says it|(^|\s)$/.test(message));
    expect(withoutWords).toEqual([]);
  });
});
