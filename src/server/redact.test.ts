import { expect, test } from '@jest/globals';
import { redact, redactMadeUp } from './redact.ts';

test.each(['rk', 'pst', 'ps'])('a credential with the prefix %s_ is redacted, whole or cut short', (prefix) => {
  expect(redact(`a ${prefix}_abcd.`)).toBe(`a ${prefix}_[redacted].`);
  expect(redact(`${prefix}_aB0-_${'x'.repeat(40)}`)).toBe(`${prefix}_[redacted]`);
  expect(redact(`${prefix}_abc`)).toBe(`${prefix}_abc`);
});

test('every credential in a text is redacted, and nothing else', () => {
  expect(redact('rk_abcd, pst_abcd and ps_abcd')).toBe('rk_[redacted], pst_[redacted] and ps_[redacted]');
  expect(redact('work_abcd, sess_abcd, req_abcd')).toBe('work_abcd, sess_abcd, req_abcd');
});

test('22 letters and digits in a row could be a secret in a text of the caller, 21 are none', () => {
  expect(redactMadeUp(`/${'aB0'.repeat(7)}/x`)).toBe(`/${'aB0'.repeat(7)}/x`);
  expect(redactMadeUp(`/${'aB0'.repeat(7)}c/x`)).toBe('/[redacted]/x');
  expect(redactMadeUp(`pay_${'a'.repeat(22)} ${'b'.repeat(22)}`)).toBe('pay_[redacted] [redacted]');
});

test('a percent-encoded letter counts as one', () => {
  expect(redactMadeUp(`/${'%61'.repeat(11)}${'a'.repeat(11)}`)).toBe('/[redacted]');
  // After the first percent sign come two digits, which count as letters.
  expect(redactMadeUp('%4a'.repeat(20))).toBe('%4a'.repeat(20));
  expect(redactMadeUp('%4a'.repeat(21))).toBe('%[redacted]');
  expect(redactMadeUp(`${'a'.repeat(21)}%zz`)).toBe(`${'a'.repeat(21)}%zz`);
});

test('a text of the caller can have a short credential too', () => {
  expect(redactMadeUp('/v2/pst_abcd')).toBe('/v2/pst_[redacted]');
});
