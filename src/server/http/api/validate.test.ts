/** The failures of the validator as the contract lists them. tests/validation compares the validation itself. */
import { expect, test } from '@jest/globals';
import { error } from 'express-openapi-validator';
import type { Problem } from '../../problem.ts';
import { toProblem } from './validate.ts';

/** The failures of a problem that the validator reports in this way. */
async function failuresOf(...errors: { path: string; message: string; errorCode?: string }[]) {
  const problem = await toProblem(new error.BadRequest({ path: '/', message: 'all of them', errors } as never));
  return (problem as Problem).failures;
}

test.each([
  ['/body/slug', 'body.slug'],
  ['/body/permissions/0', 'body.permissions[0]'],
  ['/body/branding/a/10/b', 'body.branding.a[10].b'],
  ['/body/1a', 'body.1a'],
  ['/query/limit', 'query.limit'],
  ['/body', 'body'],
  ['/', 'body'],
  ['', 'body'],
])('the location of %j is %s', async (path, location) => {
  expect(await failuresOf({ path, message: 'is wrong', errorCode: 'any.openapi.validation' })).toEqual([
    { location, message: 'is wrong' },
  ]);
});

test.each([
  ['required', 'Add body.a.'],
  ['additionalProperties', 'Leave out body.a: the operation does not know it.'],
  ['type', 'Send body.a with the type that the message names.'],
  ['enum', 'Send one of the values that the documentation lists for body.a.'],
  ['pattern', 'Send body.a in the form that the message shows.'],
  ['minLength', 'Send a longer body.a.'],
  ['maxLength', 'Send a shorter body.a.'],
  ['minItems', 'Send more items in body.a.'],
  ['maxItems', 'Send fewer items in body.a.'],
])('the fix of %s', async (keyword, fix) => {
  const errorCode = `${keyword}.openapi.validation`;
  expect(await failuresOf({ path: '/body/a', message: 'm', errorCode })).toMatchObject([{ fix }]);
});

test('the fix of a missing body, and of an unknown query parameter', async () => {
  const missing = { path: '/body', message: 'm', errorCode: 'required.openapi.validation' };
  expect(await failuresOf(missing)).toMatchObject([{ fix: 'Send a JSON object as the body.' }]);
  expect(await failuresOf({ path: '/query/a', message: 'm' })).toMatchObject([
    { fix: 'Leave out query.a: the operation does not know it.' },
  ]);
});

test('a location has 256 characters at most, a message 512, and neither has a secret', async () => {
  const name = 'a-'.repeat(200);
  const [long] = (await failuresOf({ path: `/body/${name}`, message: 'm '.repeat(300) })) ?? [];
  expect([long?.location, long?.message]).toEqual([`body.${name}`.slice(0, 256), 'm '.repeat(256)]);
  const [secret] = (await failuresOf({ path: `/body/${'x'.repeat(22)}`, message: 'no pst_abcdefgh' })) ?? [];
  expect(secret).toMatchObject({ location: 'body.[redacted]', message: 'no pst_[redacted]' });
});

test('every failure is listed, in a problem of the catalogue', async () => {
  const errors = ['a', 'b'].map((name) => ({ path: `/body/${name}`, message: 'm' }));
  const problem = await toProblem(new error.BadRequest({ path: '/', message: 'all', errors } as never));
  expect(problem).toMatchObject({ status: 400, code: 'unkey/application/invalid_input' });
  expect((problem as Problem).failures).toHaveLength(2);
});

test('any other error stays as it is', async () => {
  const other = new Error('a fault of ours');
  expect(await toProblem(other)).toBe(other);
});
