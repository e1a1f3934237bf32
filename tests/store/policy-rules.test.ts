/** What a script decides by a policy: from where a key can be used, and with which scopes (snippets/policy.lua). */
import { afterAll, expect, test } from '@jest/globals';
import { textOfAddress, textOfRange } from '../../src/server/store/networks.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { behindFunction } from '../support/snippets.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const redis = await openTargetRedis(await sharedRedis());
afterAll(() => redis.stop());

const code = `
definePolicies()
local rules = {policyOf = policyOf, rateOf = rateOf, isIn = isIn, isFrom = isFrom, hasScopes = hasScopes}
local all = {}
for i, call in ipairs(cjson.decode(ARGV[2])) do
  local results = {rules[call[1]](unpack(call, 2))}
  for j = 1, #results do results[j] = tostring(results[j]) end
  all[i] = results
end
return all`;

type Call = [rule: 'policyOf' | 'rateOf' | 'isIn' | 'isFrom' | 'hasScopes', ...arguments: (string | false)[]];

/** What each call returns, as text. */
async function results(...calls: Call[]): Promise<string[][]> {
  const script = behindFunction('verifyApiKey', 'definePolicies', code);
  // Before it defines the rules, the script compares the version of the control data, of which Redis has none here.
  const options = { keys: Array(3).fill('{policy-rules}'), arguments: ['0', JSON.stringify(calls)] };
  return (await redis.client.eval(script, options)) as string[][];
}
const decisions = async (...calls: Call[]) => (await results(...calls)).map(([first]) => first === 'true');

test.each<[range: string, inside: string[], outside: string[]]>([
  ['0.0.0.0/0', ['192.0.2.1', '255.255.255.255'], ['2001:db8::1', '::']],
  ['::/0', ['2001:db8::1'], ['192.0.2.1']],
  ['128.0.0.0/1', ['128.0.0.0', '255.255.255.255'], ['127.255.255.255', '8000::']],
  ['192.0.2.0/24', ['192.0.2.0', '192.0.2.255'], ['192.0.1.255', '192.0.3.0']],
  ['192.0.2.0/25', ['192.0.2.0', '192.0.2.127'], ['192.0.2.128', '192.0.3.0', '192.0.10.0']],
  ['192.0.2.64/26', ['192.0.2.64', '192.0.2.127'], ['192.0.2.63', '192.0.2.128']],
  ['192.0.2.160/27', ['192.0.2.160', '192.0.2.191'], ['192.0.2.159', '192.0.2.192']],
  ['192.0.2.240/28', ['192.0.2.240', '192.0.2.255'], ['192.0.2.239', '192.0.2.15']],
  ['192.0.2.8/31', ['192.0.2.8', '192.0.2.9'], ['192.0.2.7', '192.0.2.10']],
  ['192.0.2.7/32', ['192.0.2.7'], ['192.0.2.6', '192.0.2.8']],
  ['2001:db8::/33', ['2001:db8::1', '2001:db8:7fff::'], ['2001:db8:8000::', '2001:db9::', '32.1.13.184']],
])('the range %s has its first address and its last one, and no other', async (range, inside, outside) => {
  const isIn = (address: string): Call => ['isIn', textOfAddress(address), textOfRange(range)];
  expect(await decisions(...inside.map(isIn), ...outside.map(isIn))).toEqual([
    ...inside.map(() => true),
    ...outside.map(() => false),
  ]);
});

test('an address is in one of several ranges, and no address is in none', async () => {
  const ranges = ['192.0.2.0/24', '198.51.100.0/25'].map(textOfRange).join();
  const addresses = ['192.0.2.9', '198.51.100.9', '198.51.100.200'].map(textOfAddress);
  expect(await decisions(...[...addresses, ''].map((address): Call => ['isIn', address, ranges]))).toEqual([
    ...[true, true, false, false],
  ]);
});

const office = textOfRange('192.0.2.0/24');
const desk = textOfRange('192.0.2.7/32');
const home = textOfRange('198.51.100.0/24');
test.each<[title: string, own: string, allowed: string, decision: boolean]>([
  ['a key without ranges works from everywhere', '-', '-', true],
  ['a key without ranges works within those of the policy', '-', `allowed,${office}`, true],
  ['a key without ranges does not work elsewhere', '-', `allowed,${home}`, false],
  ['a key without ranges does not work if the policy requires some', '-', 'required', false],
  ['nor within those that it requires', '-', `required,${office}`, false],
  ['a key works within its ranges', desk, '-', true],
  ['a key does not work outside of its ranges', home, '-', false],
  ['a key with ranges has what the policy requires', desk, 'required', true],
  ['a key works where both allow it', desk, `required,${office}`, true],
  ['a key does not work where only its own ranges allow it', desk, `allowed,${home}`, false],
  ['a key does not work where only the policy allows it', home, `allowed,${office}`, false],
])('by its policy %s', async (_, own, allowed, decision) => {
  expect(await decisions(['isFrom', textOfAddress('192.0.2.7'), own, allowed])).toEqual([decision]);
});

test('of the policy of a user each word comes first, and that of the API where it says nothing', async () => {
  const [ofApi, ofUser] = ['1 2 3 4 5 6', 'a - c - e -'];
  expect(
    await results(
      ['policyOf', ofApi, false],
      ['policyOf', ofApi, ofUser],
      ['policyOf', ofApi, '- b - d - f'],
      ['policyOf', '', ofUser],
    ),
  ).toEqual([[...'123456'], [...'a2c4e6'], [...'1b3d5f'], [...'a-c-e-']]);
});

test('a rate limit is two numbers, and other words are none', async () => {
  expect(await results(['rateOf', '100/60000'], ['rateOf', '-'], ['rateOf', 'none'])).toEqual([
    ['100', '60000'],
    [],
    [],
  ]);
});

test.each<[title: string, wanted: string, own: string, allowed: string, decision: boolean]>([
  ['all of its scopes', 'a,b', '=a,b', 'none', true],
  ['a scope and lacks the other', 'a,b', '=a', 'none', false],
  ['the scopes of the second set', 'a,b|c', '=c', 'none', true],
  ['scopes whose names begin alike', 'read', '=read:all', 'none', false],
  ['scopes that the policy allows', 'a', '=a,b', '=a', true],
  ['scopes that the policy no longer allows', 'b', '=a,b', '=a', false],
  ['no scopes', 'a', '=', 'none', false],
])('by its policy a key has %s', async (_, wanted, own, allowed, decision) => {
  expect(await decisions(['hasScopes', wanted, own, allowed])).toEqual([decision]);
});
