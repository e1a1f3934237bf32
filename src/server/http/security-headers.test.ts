import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { operationHeaders, pageHeaders, setPagePolicy, withHeaders } from './security-headers.ts';

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

const newResponse = () => new ServerResponse(new IncomingMessage(new Socket())) as unknown as Response;

test('withHeaders sets each header', () => {
  const res = newResponse();
  const next = jest.fn();
  withHeaders(['a', '1', 'b', '2'])({} as Request, res, next);
  expect(res.getHeaders()).toEqual({ a: '1', b: '2' });
  expect(next).toHaveBeenCalledTimes(1);
});

/** The directives of the policy of one page, and its X-Frame-Options. */
function policyOf(portalBaseUrl: string, needs: Parameters<typeof setPagePolicy>[3]) {
  const res = newResponse();
  res.setHeader('X-Frame-Options', 'DENY');
  setPagePolicy({} as Request, res, portalBaseUrl, needs);
  const directives = String(res.getHeader('content-security-policy')).split(';');
  return { directives, frameOptions: res.getHeader('x-frame-options') };
}

const strict = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

test('a page that needs nothing has the strictest policy', () => {
  for (const needs of [{}, { frameAncestors: [] }])
    expect(policyOf('http://localhost:3000', needs)).toEqual({ directives: strict, frameOptions: 'DENY' });
  expect(policyOf('https://portal.example', {}).directives).toEqual([...strict, 'upgrade-insecure-requests']);
});

test('each need of a page is added to its own directive', () => {
  const needs = {
    inlineScripts: ["'sha256-a'"],
    inlineStyles: ["'nonce-b'"],
    images: ['https://images.example'],
    connections: ['https://api.example'],
    frameAncestors: ['https://app.example'],
  };
  expect(policyOf('http://localhost:3000', needs)).toEqual({
    directives: [
      "default-src 'none'",
      "script-src 'self' 'sha256-a'",
      "style-src 'self' 'nonce-b'",
      "font-src 'self'",
      "connect-src 'self' https://api.example",
      "img-src 'self' https://images.example",
      "form-action 'self'",
      "base-uri 'none'",
      'frame-ancestors https://app.example',
    ],
    frameOptions: undefined,
  });
});

test('a page can be limited to some paths of its own origin', () => {
  const { directives } = policyOf('https://portal.example', {
    ownPaths: ['/a', '/b'],
    connections: ['https://api.example'],
  });
  expect(directives).toContain('connect-src https://portal.example/a https://portal.example/b https://api.example');
});
