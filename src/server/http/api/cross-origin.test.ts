import { expect, test } from '@jest/globals';
import { foreignOriginOf, isFromPage } from './cross-origin.ts';

const own = 'https://portal.acme.example';
const evil = 'https://evil.example';
const host = 'internal:3000';

test.each<[crossOrigin: boolean, what: string, site: string | undefined, origin: string | undefined]>([
  [false, 'what is no browser', undefined, undefined],
  [false, 'a page of ours', 'same-origin', own],
  [false, 'a page of ours, though the proxy has changed Host', 'same-origin', undefined],
  [false, 'a user who types the address', 'none', undefined],
  [true, 'a page of another site', 'cross-site', evil],
  [true, 'a page of another site that sends no Origin', 'cross-site', undefined],
  [true, 'a page of a sibling subdomain', 'same-site', 'https://app.acme.example'],
  [true, 'a page whose origin is hidden', 'cross-site', 'null'],
  [true, 'an unknown value of Sec-Fetch-Site', 'next-site', evil],
  [false, 'the origin of the portal, with Sec-Fetch-Site cross-site', 'cross-site', own],
  [false, 'an old browser, on a page of ours', undefined, own],
  [false, 'an old browser, with the Host of the address', undefined, `http://${host}`],
  [true, 'an old browser, on a page of another site', undefined, evil],
  [true, 'an old browser, on a page whose origin is hidden', undefined, 'null'],
  [true, 'an old browser, on a page whose origin only starts like ours', undefined, `${own}.evil.example`],
  [true, 'an old browser, on another port of ours', undefined, `${own}:8443`],
  [true, 'an old browser, on a page of the host without its port', undefined, 'http://internal'],
  [true, 'an old browser, with an empty Sec-Fetch-Site', '', evil],
])('%s: %s', (crossOrigin, _, site, origin) => {
  const headers = {
    host,
    ...(site !== undefined && { 'sec-fetch-site': site }),
    ...(origin !== undefined && { origin }),
  };
  expect(foreignOriginOf(headers, own)).toBe(crossOrigin ? (origin ?? 'null') : undefined);
});

test.each([
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ origin: own }, true],
  [{ origin: 'null' }, true],
  [{ cookie: 'a=1' }, false],
  [{ origin: '', 'sec-fetch-site': '' }, false],
])('a page has sent %j: %s', (headers, isPage) => {
  expect(isFromPage(headers)).toBe(isPage);
});
