import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The range of public IPv6 addresses. Outside it are only embedded IPv4 addresses and reserved ranges. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** Whether an address is public: not a loopback, private or link-local address, in any notation. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(globalUnicast));
}

/**
 * Addresses with an IPv4 address inside, and the index of its first byte: mapped, compatible and translated addresses, those of
 * NAT64 (RFC 6052, RFC 8215), and 6to4.
 */
const embedding: [network: ReturnType<typeof ipaddr.parseCIDR>, at: number][] = [
  ...['::/96', '::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48'].map(
    (network): [ReturnType<typeof ipaddr.parseCIDR>, number] => [ipaddr.parseCIDR(network), 12],
  ),
  [ipaddr.parseCIDR('2002::/16'), 2],
];

/** Where machines of a cloud get credentials and settings from: link-local addresses, and some that look like others. */
const metadataNetworks = [
  // AWS, Azure, Google, Oracle, OpenStack and most others; also the credentials of containers.
  '169.254.0.0/16',
  'fe80::/10',
  // AWS, in IPv6.
  'fd00:ec2::/32',
  // Azure. In a public range.
  '168.63.129.16/32',
  // Alibaba Cloud.
  '100.100.100.200/32',
  // Oracle Cloud, and other addresses for special purposes (RFC 6890).
  '192.0.0.0/24',
  // Google, in IPv6.
  'fd20:ce::254/128',
  // Scaleway, in IPv6.
  'fd00:42::42/128',
].map((network) => ipaddr.parseCIDR(network));

const isIn = (address: ReturnType<typeof ipaddr.parse>, [network, bits]: ReturnType<typeof ipaddr.parseCIDR>) =>
  address.kind() === network.kind() && address.match(network, bits);

/** Whether an address is that of a cloud's metadata service, in any notation. No document is there. */
export function isMetadataAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  const inside = embedding
    .filter(([network]) => isIn(parsed, network))
    .map(([, at]) => ipaddr.fromByteArray(parsed.toByteArray().slice(at, at + 4)));
  return [parsed, ...inside].some((one) => metadataNetworks.some((network) => isIn(one, network)));
}

/** Which addresses the server may connect to. Metadata services are always refused. */
export const allowedAddresses =
  ({ allowPrivate }: { allowPrivate: boolean }) =>
  (address: string): boolean =>
    isIP(address) !== 0 && !isMetadataAddress(address) && (allowPrivate || isPublicAddress(address));

/** A forbidden address, or a name that resolves to one. */
export class RefusedAddress extends Error {}

/**
 * Returns a `lookup` for a connection: it resolves a name and fails if one of the addresses is forbidden. The connection uses
 * the checked addresses and does not resolve the name again, so DNS rebinding cannot change them.
 */
export const guardedLookup =
  (isAllowed: (address: string) => boolean, lookup = systemLookup): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      const [first] = found ?? [];
      if (error !== null) callback(error, '');
      else if (first === undefined || !found.every(({ address }) => isAllowed(address)))
        callback(new RefusedAddress(), '');
      else if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
