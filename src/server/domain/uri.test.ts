import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import { isUri } from './uri.ts';

test.each([
  'https://a.example',
  'http://localhost:3000/a?b=c&d=%20',
  'https://user@a.example/',
  'https://a.example:8443/a;b=c/~x?y=/?#z/?',
  'https://[::1]:8080/',
  'https://xn--bcher-kva.example/%C3%BC',
  "https://a.example/!$&'()*+,;=:@",
  'https://a.example?',
  'https://a.example#',
])('%j is a URI', (text) => {
  expect(isUri(text)).toBe(true);
});

test.each([
  'http://localhost/o*\u000f\u00a9h',
  'https://a.example/a b',
  'https://a.example/ü',
  'https://bücher.example',
  'https://a.example/\n',
  'https://a.example/\u0000',
  'https://a.example/%',
  'https://a.example/%zz',
  'https://a.example/%f',
  'https://a.example/[x]',
  'https://a.example?q=[x]',
  'https://a.example/{x}',
  'https://a.example/#a#b',
  'https://a.example/\\a',
  'https:\\\\a.example',
  'https:a.example',
  'https:/a.example',
  'https://',
  'https:///a',
  'https://?a',
  'https://a.example:99999',
  'https://a.example:x',
  'https://[::1',
  'https://[1.2.3.4.5]/',
  'https://1.2.3.4.5/',
  ' https://a.example',
  'https://a.example ',
  'mailto:a@b.example',
  'a.example',
  '/a',
  '',
])('%j is none', (text) => {
  expect(isUri(text)).toBe(false);
});

test('every text that it accepts has the format that the contract states, and is a URL', () => {
  const contract = ajvFormats.default(new Ajv2020()).compile({ type: 'string', format: 'uri' });
  const part = fc.string({
    unit: fc.constantFrom(...'aZ0-._~:/?#[]@!$&\'()*+,;=%%2f é\u0000\\"<>^`{|}😀'),
    maxLength: 12,
  });
  const text = fc.tuple(
    fc.constantFrom('https://', 'http://', 'x-y+z.1://', '//', ''),
    fc.constantFrom('', 'a', '[::1]'),
    part,
  );
  let accepted = 0;
  fc.assert(
    fc.property(text, (parts) => {
      const url = parts.join('');
      if (!isUri(url)) return;
      accepted++;
      expect([url, contract(url), URL.canParse(url)]).toEqual([url, true, true]);
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(100);
});
