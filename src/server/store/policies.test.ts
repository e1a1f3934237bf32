import { expect, test } from '@jest/globals';
import { policyOfText, textOfPolicy, type UserPolicy } from './policies.ts';

const full: UserPolicy = {
  perKey: { ratelimit: { limit: 1, duration: 2000 } },
  perUser: {
    ratelimit: { limit: 3, duration: 4000 },
    quota: { limit: 5, period: 'month', timeZone: 'America/Argentina/Buenos_Aires' },
  },
  maxLifetime: 60_000,
  scopes: ['a b', 'c,d'],
  ipRanges: { mode: 'required', ranges: ['192.0.2.0/24', '2001:db8::/32'] },
};

const texts: [what: string, policy: UserPolicy, text: string][] = [
  [
    'every part',
    full,
    '1/2000 3/4000 5,month,America/Argentina/Buenos_Aires 60000 =a%20b,c%2Cd required,4c00002/24,620010db8/32',
  ],
  ['no part', {}, '- - - - - -'],
  [
    'no bounds',
    {
      perKey: { ratelimit: null },
      perUser: { ratelimit: null, quota: null },
      maxLifetime: null,
      scopes: null,
      ipRanges: null,
    },
    'none none none none none none',
  ],
  ['empty lists', { scopes: [], ipRanges: { mode: 'required', ranges: [] } }, '- - - - = required'],
];

test.each(texts)('a policy with %s has the format that the scripts read', (_, policy, text) => {
  expect(textOfPolicy(policy)).toBe(text);
  expect(policyOfText(text)).toStrictEqual(policy);
});
