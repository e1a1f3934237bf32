/** Validators of values. A message never repeats the value, because it can contain a password. */
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { EnvError, makeValidator } from 'envalid';
import ipaddr from 'ipaddr.js';

/** A port; 0 selects a free port. */
export const portNumber = makeValidator((input) => {
  if (!/^\d{1,5}$/.test(input) || Number(input) > 65_535) throw new EnvError('must be a port number from 0 to 65535');
  return Number(input);
});

/** A whole number in a range, both ends included. */
export const wholeNumber = (min: number, max: number) =>
  makeValidator((input) => {
    if (!/^\d{1,9}$/.test(input) || Number(input) < min || Number(input) > max) {
      throw new EnvError(`must be a whole number from ${min} to ${max}`);
    }
    return Number(input);
  });

/** A number of processes, or `auto` for one per core. */
export const workerCount = makeValidator((input) => {
  if (input === 'auto') return availableParallelism();
  if (!/^\d{1,3}$/.test(input) || Number(input) < 1 || Number(input) > 256) {
    throw new EnvError('must be a whole number from 1 to 256, or auto');
  }
  return Number(input);
});

/** Names of networks that Express knows. */
const networkNames = ['loopback', 'linklocal', 'uniquelocal'];

/** A number of proxies, or their addresses and networks. */
export const trustedProxies = makeValidator((input): number | string[] => {
  if (/^\d{1,2}$/.test(input) && Number(input) > 0) return Number(input);
  const networks = input.split(',').map((network) => network.trim().toLowerCase());
  // ipaddr.js also accepts short forms: `1.5` would be the address 1.0.0.5.
  const isNetwork = (network: string) =>
    networkNames.includes(network) ||
    (isIP(network.replace(/\/.*/, '')) !== 0 && (ipaddr.isValid(network) || ipaddr.isValidCIDR(network)));
  // Express also accepts `true`, which would trust a header from any client.
  if (!networks.every(isNetwork)) {
    throw new EnvError('must be a number of proxies, or addresses and networks such as 10.0.0.0/8, loopback');
  }
  return networks;
});

/** `true` or `false`. */
export const flag = makeValidator((input) => {
  if (input !== 'true' && input !== 'false') throw new EnvError('must be true or false');
  return input === 'true';
});

/** The URL, if it is one of the web. It is normalized: host in lower case, IDN as Punycode, no default port. */
function webUrl(input: string): URL | undefined {
  const url = URL.parse(input);
  return url !== null && ['http:', 'https:'].includes(url.protocol) ? url : undefined;
}

/** @throws EnvError, because it would be public in pages */
function refuseCredentials({ username, password }: URL): void {
  if (username !== '' || password !== '') throw new EnvError('must not contain a user name or a password');
}

/** A URL to append a path to: no query, no credential, no trailing slash. */
export const webAddress = makeValidator((input) => {
  const url = webUrl(input);
  if (url === undefined || url.search !== '' || url.hash !== '') {
    throw new EnvError('must be an http:// or https:// URL without a query or a fragment');
  }
  refuseCredentials(url);
  return url.origin + url.pathname.replace(/\/+$/, '');
});

/** A URL that a page links to. */
export const homeAddress = makeValidator((input) => {
  const url = webUrl(input);
  if (url === undefined) throw new EnvError('must be an http:// or https:// URL');
  refuseCredentials(url);
  return url.href;
});

/** An origin: scheme, host and port. */
export const originAddress = makeValidator((input) => {
  const url = webUrl(input);
  if (url === undefined || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new EnvError('must be an http:// or https:// origin without a path');
  }
  refuseCredentials(url);
  return url.origin;
});
