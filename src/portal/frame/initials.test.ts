import { expect, test } from '@jest/globals';
import { initialsOf } from './initials.ts';

test.each([
  ['Ada Lovelace', 'AL'],
  ['jo@northwind.example', 'JN'],
  ['user_123', 'U1'],
  ['  ', ''],
  ['acme', 'A'],
  ['Ada King Noel', 'AK'],
  ['𝒜da', '𝒜'],
  ['山田 太郎', '山太'],
])('%j is shown as %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
