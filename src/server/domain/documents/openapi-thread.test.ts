import { expect, test } from '@jest/globals';
import { readOpenapi } from './openapi-reader.ts';
import { readInThread } from './openapi-thread.ts';

const at = 'https://docs.acme.example/v1/openapi.json';
/** For documents that are not refused because of time, in ms. */
const patience = 60_000;
const small = JSON.stringify({ openapi: '3.1.0', info: { title: 'Acme' } });

test('a thread returns what the reader does', async () => {
  expect(await readInThread(small, at, patience)).toEqual(readOpenapi(small, at));
});

test.each([
  ['is refused', small.replace('3.1.0', '4.0.0'), 'it is not an OpenAPI document'],
  [
    'is too deep',
    small.replace('{"title', `{"x":${'['.repeat(600)}${']'.repeat(600)},"title`),
    'it is nested too deeply',
  ],
  ['is no document', 'info: *nobody\n', 'it is not an OpenAPI document'],
])('a thread returns why a text %s', async (_, text, reason) => {
  await expect(readInThread(text, at, patience)).rejects.toMatchObject({ reason });
});

test('a document that takes too long ends its thread', async () => {
  const begun = Date.now();
  // For each alias the library searches everything before it.
  const aliases = Array.from({ length: 60_000 }, (_, i) => `a${i}: &a${i} 1\nb${i}: *a${i}\n`).join('');
  const bomb = readInThread(`openapi: 3.1.0\ninfo: {}\n${aliases}`, at, 500);
  await expect(bomb).rejects.toMatchObject({ reason: 'it takes too long to parse' });
  expect(Date.now() - begun).toBeLessThan(4000);
});
