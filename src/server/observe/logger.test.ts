import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { createLogger } from './logger.ts';

test('the log redacts a credential in the message and the stack of an error', () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const secrets = ['rk_abcdefghijkl01234567890', 'pst_abcdefghijkl01234567890', 'ps_abcdefghijkl01234567890'];
  createLogger('info', sink).error({ err: new Error(`no such key: ${secrets.join(', ')}`) }, 'failed');
  const [line = ''] = lines;
  expect(JSON.parse(line)).toMatchObject({ level: 'error', msg: 'failed' });
  expect(JSON.parse(line).err.message).toBe('no such key: rk_[redacted], pst_[redacted], ps_[redacted]');
  for (const secret of secrets) expect(line).not.toContain(secret.slice(6));
});

test('the log redacts a key with any prefix, and the stack frames stay', () => {
  let line = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      line += chunk;
      done();
    },
  });
  function aFunctionWhoseNameIsVeryLongIndeed() {
    return new Error('no such key: acme_0123456789abcdefghijklmnopqrstuv');
  }
  createLogger('info', sink).error({ err: aFunctionWhoseNameIsVeryLongIndeed() }, 'failed');
  expect(line).not.toContain('abcdefghijklmnop');
  expect(JSON.parse(line).err.stack).toContain('aFunctionWhoseNameIsVeryLongIndeed');
});
