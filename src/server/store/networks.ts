/**
 * Ranges of IP addresses as the scripts compare them: `4` or `6`, the hexadecimal digits that the network begins with, `/` and its
 * length in bits. `192.0.2.0/24` is `4c00002/24`. An address is its family and all of its digits.
 */
import ipaddr from 'ipaddr.js';

const hexOf = (bytes: number[]) => Buffer.from(bytes).toString('hex');

const familyOf = (address: ipaddr.IPv4 | ipaddr.IPv6) => (address.kind() === 'ipv4' ? '4' : '6');

/** @param address as domain/networks.ts returns it */
export function textOfAddress(address: string): string {
  const parsed = ipaddr.parse(address);
  return familyOf(parsed) + hexOf(parsed.toByteArray());
}

/** @param range in CIDR notation (RFC 4632), as domain/networks.ts returns it */
export function textOfRange(range: string): string {
  const [address, bits] = ipaddr.parseCIDR(range);
  return `${familyOf(address)}${hexOf(address.toByteArray()).slice(0, Math.ceil(bits / 4))}/${bits}`;
}

/** The range in CIDR notation. */
export function rangeOfText(text: string): string {
  const [digits = '', bits] = text.slice(1).split('/');
  const length = text.startsWith('4') ? 8 : 32;
  return `${ipaddr.fromByteArray([...Buffer.from(digits.padEnd(length, '0'), 'hex')])}/${bits}`;
}
