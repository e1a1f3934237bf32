import { expect, test } from '@jest/globals';
import { operationHeaders, pageHeaders } from './security-headers.ts';

const asObject = (headers: string[]) =>
  Object.fromEntries(headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]]] : [])));

test('a browser that renders the response of an operation as a page runs nothing in it', () => {
  expect(asObject(operationHeaders('http://localhost:3000'))).toEqual({
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
});

test('operations and pages send HSTS over https only', () => {
  for (const headersOf of [operationHeaders, pageHeaders]) {
    expect(asObject(headersOf('https://portal.acme.example'))['strict-transport-security']).toMatch(/^max-age=\d{8}/);
    expect(asObject(headersOf('http://localhost:3000'))).not.toHaveProperty('strict-transport-security');
  }
});

test('a page has the headers of an operation, its own policy, and the headers for pages', () => {
  const page = asObject(pageHeaders('http://localhost:3000'));
  const { 'content-security-policy': _, ...operation } = asObject(operationHeaders('http://localhost:3000'));
  expect(page).toMatchObject({ ...operation, 'cross-origin-opener-policy': 'same-origin' });
  expect(page['content-security-policy']).toContain("script-src 'self'");
});
