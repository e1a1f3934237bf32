import type { Case, CaseRequest, Fixture } from '../engine/case.ts';

type Row = Omit<Case, 'operation'>;

/** A policy with every part, as the server stores and returns it. */
export const fullPolicy = {
  perKey: { ratelimit: { limit: 100, duration: 60_000 } },
  perUser: {
    ratelimit: { limit: 1000, duration: 60_000 },
    quota: { limit: 100_000, period: 'month', timeZone: 'Europe/Berlin' },
  },
  maxLifetime: 7_776_000_000,
  scopes: ['invoices:read', 'Rechnungen lesen'],
  ipRanges: { mode: 'allowed', ranges: ['192.0.2.0/24', '2001:db8::/32'] },
};

/** Policies that a schema accepts and that mean nothing, with the location of the error. */
const badPolicies: [what: string, policy: unknown, location: string][] = [
  [
    'a time zone that does not exist',
    { perUser: { quota: { limit: 1, period: 'day', timeZone: 'Mars/Olympus' } } },
    'perUser.quota.timeZone',
  ],
  ['an unknown period', { perUser: { quota: { limit: 1, period: 'year' } } }, 'perUser.quota.period'],
  ['an unknown mode', { ipRanges: { mode: 'forbidden', ranges: [] } }, 'ipRanges.mode'],
  ['allowed ranges without a range', { ipRanges: { mode: 'allowed', ranges: [] } }, 'ipRanges.ranges'],
  ...['192.0.2.7/24', '192.0.2.0/33', '1.5/8', '2001:db8::1/32', 'fe80::/129', '192.0.2.0/'].map(
    (range): [string, unknown, string] => [
      `the range ${range}`,
      { ipRanges: { mode: 'allowed', ranges: ['192.0.2.0/24', range] } },
      'ipRanges.ranges[1]',
    ],
  ),
  ['a scope with a replacement character', { scopes: ['read', 'a\ufffdb'] }, 'scopes[1]'],
];

/**
 * The cases of a policy in a request.
 *
 * @param request a valid request with this policy
 */
export const policyCases = (
  given: Row['given'],
  request: (policy: unknown) => (fixture: Fixture) => CaseRequest,
): Row[] => [
  {
    name: 'a policy is returned as it was sent',
    given,
    request: request(fullPolicy),
    response: { status: 200, data: { policy: fullPolicy } },
  },
  {
    name: 'a quota is of UTC unless it names a time zone, and a single address is a range',
    given,
    request: request({
      perUser: { quota: { limit: 5, period: 'week' } },
      ipRanges: { mode: 'required', ranges: ['192.0.2.7', '::ffff:198.51.100.0/120', '2001:DB8:0::/48'] },
    }),
    response: {
      status: 200,
      data: {
        policy: {
          perUser: { quota: { limit: 5, period: 'week', timeZone: 'UTC' } },
          ipRanges: { mode: 'required', ranges: ['192.0.2.7/32', '198.51.100.0/24', '2001:db8::/48'] },
        },
      },
    },
  },
  ...badPolicies.map(([what, policy, location]) => ({
    name: `a policy with ${what} is refused and named in the error`,
    given,
    request: request(policy),
    response: { status: 400, error: 'unkey/application/invalid_input', locations: [`body.policy.${location}`] },
  })),
];
