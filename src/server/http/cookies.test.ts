import { expect, test } from '@jest/globals';
import { cookieName, cookieValues } from './cookies.ts';

test('over https, no other host can set a cookie of this name', () => {
  expect(cookieName('portal_session', 'https://portal.example')).toBe('__Host-portal_session');
  expect(cookieName('portal_session', 'http://localhost:3000')).toBe('portal_session');
});

test.each<[header: string | undefined, values: string[]]>([
  [undefined, []],
  ['', []],
  ['a=', []],
  ['b=1', []],
  ['xa=1; a-=2', []],
  ['a=1', ['1']],
  ['a=1; b=2', ['1']],
  ['b=2;a=1', ['1']],
  ['a=old; a=good', ['old', 'good']],
  ['a=one; b=2; a=one', ['one']],
  ['a="quoted"; a=%41', ['quoted', 'A']],
  ['a=%; a==;', ['%', '=']],
  ['a=toString; toString=1', ['toString']],
  ['a=j:{"toString":1,"valueOf":1}; a=1', ['1']],
])('the cookies a of %j are %j', (cookie, values) => {
  expect(cookieValues({ headers: { ...(cookie !== undefined && { cookie }) } }, 'a')).toEqual(values);
});
