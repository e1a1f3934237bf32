import { expect, test } from '@jest/globals';
import { isCrossOrigin } from './cross-origin.ts';

const own = 'https://portal.acme.example';
const evil = 'https://evil.example';
const host = 'internal:3000';

test.each<[foreign: boolean, what: string, site: string | undefined, origin: string | undefined]>([
  [false, 'what is no browser', undefined, undefined],
  [false, 'a page of ours', 'same-origin', own],
  [false, 'a page of ours, though the proxy has changed Host', 'same-origin', undefined],
  [false, 'a person who types the address', 'none', undefined],
  [true, 'a page of another site', 'cross-site', evil],
  [true, 'a page of another site that sends no Origin', 'cross-site', undefined],
  [true, 'a page of a sibling subdomain', 'same-site', 'https://app.acme.example'],
  [true, 'a page whose origin is hidden', 'cross-site', 'null'],
  [true, 'whatever browsers may come to say', 'next-site', evil],
  [false, 'the origin of the portal, whatever the browser takes it for', 'cross-site', own],
  [false, 'an old browser, on a page of ours', undefined, own],
  [false, 'an old browser, where Host is the address', undefined, `http://${host}`],
  [true, 'an old browser, on a page of another site', undefined, evil],
  [true, 'an old browser, on a page whose origin is hidden', undefined, 'null'],
  [true, 'an old browser, on a page whose origin only begins like ours', undefined, `${own}.evil.example`],
  [true, 'an old browser, on another port of ours', undefined, `${own}:8443`],
  [true, 'an old browser, on a page of the host without its port', undefined, 'http://internal'],
  [true, 'an old browser, that an empty Sec-Fetch-Site was made up for', '', evil],
])('%s: %s', (foreign, _, site, origin) => {
  const headers = {
    host,
    ...(site !== undefined && { 'sec-fetch-site': site }),
    ...(origin !== undefined && { origin }),
  };
  expect(isCrossOrigin(headers, own)).toBe(foreign);
});
