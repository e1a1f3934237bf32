import { invalid } from '../cases/keys-common.ts';
import type { Fixture } from '../engine/case.ts';
import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { dataOf } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

interface NewKey {
  keyId: string;
  key: string;
}
interface ListedKey {
  keyId: string;
  start: string;
  name?: string;
  expires?: number;
  replacedBy?: string;
  replaces?: string;
  usage?: { startTime: number; total: number; hours: number[] };
}
interface KeyPagination {
  cursor?: string;
  counts: { all: number; active: number; expiring: number; inactive: number };
}
interface Counts {
  time: number;
  total: number;
  valid: number;
  rateLimited: number;
  disabled: number;
  expired: number;
}

const success = { status: 200 };

const hour = 3_600_000;
const day = 24 * hour;

/**
 * A time zone without daylight saving time, its offset, and when today began there, at least two hours ago and four hours
 * before its end: no midnight comes between two calls.
 */
function calendar(): { timeZone: string; offset: string; midnight: number } {
  for (const [timeZone, offset] of [
    ['Asia/Kathmandu', '+05:45'],
    ['America/Phoenix', '-07:00'],
  ] as const) {
    const now = Date.now();
    const ahead = Date.parse(`1970-01-01T00:00:00${offset}`);
    const midnight = Math.floor((now - ahead) / day) * day + ahead;
    if (now - midnight > 2 * hour && now - midnight < 20 * hour) return { timeZone, offset, midnight };
  }
  throw new Error('it is never almost midnight in both time zones');
}

/** Calls an operation as the signed-in user and returns its data. */
async function user<T>(trial: Trial, { token }: Fixture, operation: string, body: object): Promise<T> {
  return dataOf<T>(await trial.call(operation, { authorization: `Bearer ${token}`, body }, success));
}

const make = (trial: Trial, fixture: Fixture, over: object = {}) =>
  user<NewKey>(trial, fixture, 'portal.createKey', { apiId: fixture.apiId, ...over });

/** How many pages the few keys of a check can have. */
const mostPages = 20;

/** The names of all keys of a list, from pages of two, and the counts of its first page. */
async function listed(trial: Trial, { token }: Fixture, query: object) {
  const names: (string | undefined)[] = [];
  let [cursor, counts]: [string | undefined, string | undefined] = [undefined, undefined];
  let pages = 0;
  do {
    const body = { limit: 2, ...query, ...(cursor !== undefined && { cursor }) };
    const response = await trial.call('portal.listKeys', { authorization: `Bearer ${token}`, body }, success);
    names.push(...dataOf<ListedKey[]>(response).map(({ name }) => name));
    const { pagination } = response.body as { pagination: KeyPagination };
    const { all, active, expiring, inactive } = pagination.counts;
    counts ??= [all, active, expiring, inactive].join();
    cursor = pagination.cursor;
  } while (cursor !== undefined && ++pages < mostPages);
  trial.assert(cursor === undefined, `the list ends after at most ${mostPages} pages`);
  return { names: names.join(), counts };
}

/** Verifies a key and expects this code. */
async function expectCode(trial: Trial, { rootKey }: Fixture, key: string, code: string): Promise<void> {
  const request = { authorization: `Bearer ${rootKey}`, body: { key } };
  await trial.call('keys.verifyKey', request, { status: 200, data: { code, valid: code === 'VALID' } });
}

async function usage(
  trial: Trial,
  fixture: Fixture,
  over: object = {},
): Promise<{
  startTime: number;
  storedSince: number;
  totals: Counts;
  previousTotals?: Counts;
  series: Counts[];
  topKeys: { keyId: string; total: number; trend: number[] }[];
}> {
  const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() + 120_000 };
  return user(trial, fixture, 'portal.getVerifications', { ...window, ...over });
}

/**
 * Repeats a request that creates a key, as after a lost response: the same key again, for as long as the session lasts, and no
 * other. `bodies` are a valid body for the fixture, and another one. What a repeat returns is a flow of its own: a server without the
 * operations that show its effect can be judged by it.
 */
const repeats = (
  operation: string,
  [returns, creates]: [returns: string, creates: string],
  bodies: (fixture: Fixture, keyId: string) => [first: object, other: object],
): Flow[] => {
  async function repeat(trial: Trial) {
    const fixture = await trial.arrange('keyUser');
    const old = await make(trial, fixture);
    const [body, other] = bodies(fixture, old.keyId);
    const headers = { 'Idempotency-Key': newId() };
    const request = { authorization: `Bearer ${fixture.token}`, body, headers };
    const send = async () => dataOf<NewKey>(await trial.call(operation, request, success));
    // Some of them at the same time, as from a client that did not wait for the first response.
    const made = [...(await Promise.all([send(), send(), send()])), await send()];
    trial.assert(new Set(made.map(({ keyId }) => keyId)).size === 1, 'every response has the same keyId');
    trial.assert(new Set(made.map(({ key }) => key)).size === 1, 'every response has the same key');
    return { fixture, request, other, send, made: made[0] as NewKey };
  }
  return [
    {
      operation,
      name: returns,
      async run(trial) {
        const { request, other } = await repeat(trial);
        const reused = { status: 422, error: 'user/idempotency/key_reused' };
        await trial.call(operation, { ...request, body: other }, reused);
      },
    },
    {
      operation,
      name: creates,
      async run(trial) {
        const { fixture, send, made } = await repeat(trial);
        await expectCode(trial, fixture, made.key, 'VALID');
        const { length } = await user<ListedKey[]>(trial, fixture, 'portal.listKeys', {});
        trial.assert(length === 2, `one key was created, not ${length - 1}`);
        // The response stays the same, and creates nothing, after its key is gone.
        await user(trial, fixture, 'portal.deleteKey', { keyId: made.keyId });
        trial.assert((await send()).key === made.key, 'the response stays the same after the key is deleted');
        await expectCode(trial, fixture, made.key, 'NOT_FOUND');
      },
    },
  ];
};

/** The code of a key after an operation. */
const stops = (operation: string, name: string, body: object, code: string): Flow => ({
  operation,
  name,
  async run(trial) {
    const fixture = await trial.arrange('keyUser');
    const { keyId, key } = await make(trial, fixture);
    await expectCode(trial, fixture, key, 'VALID');
    await user(trial, fixture, operation, { keyId, ...body });
    await expectCode(trial, fixture, key, code);
  },
});

/** Flows of API keys and their usage. */
export default [
  stops('portal.deleteKey', 'the next verification of a deleted key returns NOT_FOUND', {}, 'NOT_FOUND'),
  stops('portal.updateKey', 'the next verification of a disabled key returns DISABLED', { enabled: false }, 'DISABLED'),
  stops(
    'portal.rerollKey',
    'without an overlap the next verification of the old key returns EXPIRED',
    { expiration: 0 },
    'EXPIRED',
  ),
  ...repeats(
    'portal.createKey',
    [
      'a repeated request with one Idempotency-Key returns the same key, and a different request is refused',
      'a repeated request with one Idempotency-Key creates one key, and none after this one is deleted',
    ],
    ({ apiId }) => [{ apiId, name: 'Once' }, { apiId }],
  ),
  ...repeats(
    'portal.rerollKey',
    [
      'a repeated reroll with one Idempotency-Key returns the same new key, also without an overlap',
      'a repeated reroll with one Idempotency-Key creates one key, and none after this one is deleted',
    ],
    (_, keyId) => [
      { keyId, expiration: 0 },
      { keyId, expiration: 1 },
    ],
  ),
  {
    operation: 'portal.createKey',
    name: 'one Idempotency-Key in two sessions of a user creates two keys',
    async run(trial) {
      const first = await trial.arrange('keyUser');
      const { slug, externalId } = first;
      const permissions = ['api.*.create_key'];
      const grant = { authorization: `Bearer ${first.rootKey}`, body: { slug, externalId, permissions } };
      const { sessionId } = dataOf<{ sessionId: string }>(await trial.call('portal.createSession', grant, success));
      const exchanged = await trial.call('portal.exchangeSession', { body: { sessionId } }, success);
      const { token } = dataOf<{ token: string }>(exchanged);
      const headers = { 'Idempotency-Key': newId() };
      const create = async (bearer: string) => {
        const request = { authorization: `Bearer ${bearer}`, body: { apiId: first.apiId }, headers };
        return dataOf<NewKey>(await trial.call('portal.createKey', request, success));
      };
      const [one, two] = [await create(first.token), await create(token)];
      trial.assert(one.keyId !== two.keyId && one.key !== two.key, 'the second session gets a key of its own');
    },
  },
  {
    operation: 'portal.rerollKey',
    name: 'with an overlap both keys are valid, and the old one gets an expiry',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const old = await make(trial, fixture, { name: 'Rolled' });
      const fresh = await user<NewKey>(trial, fixture, 'portal.rerollKey', { keyId: old.keyId, expiration: 600_000 });
      trial.assert(fresh.key !== old.key && fresh.keyId !== old.keyId, 'the new key differs from the old one');
      await expectCode(trial, fixture, old.key, 'VALID');
      await expectCode(trial, fixture, fresh.key, 'VALID');
      const [first, second] = await user<ListedKey[]>(trial, fixture, 'portal.listKeys', {});
      trial.assert(first?.keyId === fresh.keyId && first.name === 'Rolled', 'the new key has the name of the old one');
      trial.assert(first?.expires === undefined, 'the new key never expires, as the old one did not');
      const left = Number(second?.expires) - Date.now();
      trial.assert(left > 300_000 && left < 900_000, `the old key is valid for ten more minutes, not ${left} ms`);
    },
  },
  {
    operation: 'portal.rerollKey',
    name: 'at the limit every key can be rerolled, because the old key no longer counts',
    async run(trial) {
      const fixture = await trial.arrange('keyAtLimit');
      const active = await user<ListedKey[]>(trial, fixture, 'portal.listKeys', { limit: 2 });
      for (const { keyId } of active) {
        const fresh = await user<NewKey>(trial, fixture, 'portal.rerollKey', { keyId, expiration: 3_600_000 });
        await user(trial, fixture, 'portal.rerollKey', { keyId: fresh.keyId, expiration: 0 });
      }
      const request = { authorization: `Bearer ${fixture.token}`, body: { apiId: fixture.apiId } };
      await trial.call('portal.createKey', request, { status: 409, error: 'unkey/data/key_limit_exceeded' });
    },
  },
  {
    operation: 'portal.updateKey',
    name: 'the same rate limit in another order of its fields does not start a new window',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { keyId, key } = await make(trial, fixture, { ratelimit: { limit: 1, duration: 600_000 } });
      await expectCode(trial, fixture, key, 'VALID');
      await user(trial, fixture, 'portal.updateKey', { keyId, ratelimit: { duration: 600_000, limit: 1 } });
      await expectCode(trial, fixture, key, 'RATE_LIMITED');
      await user(trial, fixture, 'portal.updateKey', { keyId, ratelimit: { duration: 600_000, limit: 2 } });
      await expectCode(trial, fixture, key, 'VALID');
    },
  },
  {
    operation: 'portal.createKey',
    name: 'the key starts with the prefix of its API and appears in no list',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { key } = await make(trial, fixture, { name: 'Shown once' });
      trial.assert(key.startsWith('a_b_'), 'the key starts with the prefix and an underscore');
      const request = { authorization: `Bearer ${fixture.token}`, body: {} };
      // The fixture marks the key as a secret, so the response must not contain it.
      await trial.call('portal.listKeys', request, success, { ...fixture, apiKey: key });
    },
  },
  {
    operation: 'portal.createKey',
    name: 'a rate limit allows exactly its number of verifications',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { key } = await make(trial, fixture, { ratelimit: { limit: 3, duration: 600_000 } });
      for (const code of ['VALID', 'VALID', 'VALID', 'RATE_LIMITED', 'RATE_LIMITED']) {
        await expectCode(trial, fixture, key, code);
      }
    },
  },
  {
    operation: 'portal.listKeys',
    name: 'pages return every key once, newest first, and search finds by name',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const names = ['One', 'Two', 'Three', 'Four', 'Five'];
      for (const name of names) await make(trial, fixture, { name });
      const seen: (string | undefined)[] = [];
      let [cursor, pages]: [string | undefined, number] = [undefined, 0];
      do {
        const body = { limit: 2, ...(cursor && { cursor }) };
        const response = await trial.call(
          'portal.listKeys',
          { authorization: `Bearer ${fixture.token}`, body },
          success,
        );
        seen.push(...dataOf<ListedKey[]>(response).map(({ name }) => name));
        cursor = (response.body as { pagination: { cursor?: string } }).pagination.cursor;
      } while (cursor !== undefined && ++pages < mostPages);
      trial.assert([...seen].sort().join() === [...names].sort().join(), `the pages contain ${names}, not ${seen}`);
      const found = await user<ListedKey[]>(trial, fixture, 'portal.listKeys', { search: 'FO' });
      trial.assert(found.length === 1 && found[0]?.name === 'Four', 'a search for FO finds only Four');
    },
  },
  {
    operation: 'portal.listKeys',
    name: 'the counts are those of the states, and each state has its keys',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const settings = [
        { name: 'On 1' },
        { name: 'On 2', expires: Date.now() + 60 * day },
        { name: 'Soon', expires: Date.now() + 5 * day },
        { name: 'Off', enabled: false, expires: Date.now() + 5 * day },
      ];
      for (const each of settings) await make(trial, fixture, each);
      const rolled = await make(trial, fixture, { name: 'Rolled' });
      await user(trial, fixture, 'portal.rerollKey', { keyId: rolled.keyId, expiration: 0 });
      const expected = {
        all: ['Rolled,Rolled,Off,Soon,On 2,On 1', {}],
        active: ['Rolled,On 2,On 1', { state: 'active' }],
        expiring: ['Soon', { state: 'expiring' }],
        inactive: ['Rolled,Off', { state: 'inactive' }],
      } as const;
      for (const [state, [names, query]] of Object.entries(expected)) {
        const found = await listed(trial, fixture, query);
        trial.assert(found.names === names, `the keys of ${state} are ${names}, not ${found.names}`);
        trial.assert(found.counts === '6,3,1,2', `the counts are 6,3,1,2, not ${found.counts}`);
      }
      const { counts } = await listed(trial, fixture, { search: 'on', state: 'inactive' });
      trial.assert(counts === '3,2,1,0', `the counts are those of the search, 3,2,1,0, not ${counts}`);
    },
  },
  {
    operation: 'portal.listKeys',
    name: 'each order has every key once, also over several pages',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const keys = [];
      for (const [name, expires] of [
        ['beta', undefined],
        ['Álpha', Date.now() + 2 * day],
        ['Gamma', Date.now() + day],
        ['alpha 2', undefined],
      ] as const) {
        keys.push(await make(trial, fixture, { name, ...(expires !== undefined && { expires }) }));
      }
      await make(trial, fixture);
      for (const i of [2, 0]) await expectCode(trial, fixture, String(keys[i]?.key), 'VALID');
      const orders = {
        newest: ',alpha 2,Gamma,Álpha,beta',
        name: 'Álpha,alpha 2,beta,Gamma,',
        lastUsed: 'beta,Gamma,,alpha 2,Álpha',
        expires: 'Gamma,Álpha,,alpha 2,beta',
      };
      for (const [sort, names] of Object.entries(orders)) {
        const found = await listed(trial, fixture, { sort });
        trial.assert(found.names === names, `the order ${sort} is ${names}, not ${found.names}`);
      }
    },
  },
  {
    operation: 'portal.listKeys',
    name: 'a search finds a key by its first characters and by its id, and not every key by the prefix of the API',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const [one, other] = [await make(trial, fixture, { name: 'Found' }), await make(trial, fixture)];
      const { start = '' } =
        (await user<ListedKey[]>(trial, fixture, 'portal.listKeys', {})).find(({ keyId }) => keyId === one.keyId) ?? {};
      const same = [one.key, other.key].every((key) => key.startsWith(start)) ? 2 : 1;
      for (const search of [start, one.keyId, ` ${one.keyId} `]) {
        const found = await user<ListedKey[]>(trial, fixture, 'portal.listKeys', { search });
        const many = search === start ? same : 1;
        trial.assert(found.length === many && found.at(-1)?.name === 'Found', `a search for ${search} finds the key`);
      }
      for (const search of ['a_b_', 'key_']) {
        const found = await user<ListedKey[]>(trial, fixture, 'portal.listKeys', { search });
        trial.assert(found.length === 0, `a search for ${search} finds no key, not ${found.length}`);
      }
    },
  },
  {
    operation: 'portal.listKeys',
    name: 'the usage of each key is its verifications of the last 24 hours, for sessions with read_analytics',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const used = await make(trial, fixture, { name: 'Used', ratelimit: { limit: 2, duration: 600_000 } });
      const unused = await make(trial, fixture, { name: 'Unused' });
      for (const code of ['VALID', 'VALID', 'RATE_LIMITED']) await expectCode(trial, fixture, used.key, code);
      for (const query of [{}, { sort: 'name' }]) {
        const keys = await user<ListedKey[]>(trial, fixture, 'portal.listKeys', query);
        for (const { keyId, usage: own } of keys) {
          const expected = keyId === used.keyId ? 3 : 0;
          const sum = own?.hours.reduce((before, count) => before + count, 0);
          trial.assert(own?.total === expected && sum === expected, `${expected} calls are counted, not ${own?.total}`);
          const last = own?.hours.at(-1);
          trial.assert(last === expected, `all are in the last hour, not ${last}`);
        }
      }
      const { slug, externalId } = fixture;
      const grant = { slug, externalId, permissions: ['api.*.read_key'] };
      const pending = { authorization: `Bearer ${fixture.rootKey}`, body: grant };
      const { sessionId } = dataOf<{ sessionId: string }>(await trial.call('portal.createSession', pending, success));
      const exchanged = await trial.call('portal.exchangeSession', { body: { sessionId } }, success);
      const { token } = dataOf<{ token: string }>(exchanged);
      const keys = await user<ListedKey[]>(trial, { ...fixture, token }, 'portal.listKeys', {});
      trial.assert(keys.length === 2 && keys.every((key) => key.usage === undefined), 'others get the keys without it');
      trial.assert(keys[0]?.keyId === unused.keyId, 'the newest key comes first');
    },
  },
  {
    operation: 'portal.rerollKey',
    name: 'the old key and the new one name each other',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const old = await make(trial, fixture);
      const body = { keyId: old.keyId, expiration: 600_000 };
      const fresh = await user<NewKey>(trial, fixture, 'portal.rerollKey', body);
      const again = await user<NewKey>(trial, fixture, 'portal.rerollKey', { ...body, keyId: fresh.keyId });
      const links = (await user<ListedKey[]>(trial, fixture, 'portal.listKeys', {})).map(
        ({ keyId, replacedBy, replaces }) => [replaces, keyId, replacedBy].join(),
      );
      const expected = [
        `${fresh.keyId},${again.keyId},`,
        `${old.keyId},${fresh.keyId},${again.keyId}`,
        `,${old.keyId},${fresh.keyId}`,
      ];
      trial.assert(links.join(' ') === expected.join(' '), `the keys name each other, not ${links.join(' ')}`);
      const changed = await user<ListedKey>(trial, fixture, 'portal.updateKey', { keyId: again.keyId, name: 'Third' });
      trial.assert(changed.replaces === fresh.keyId && changed.replacedBy === undefined, 'also after a change');
      const backend = async (operation: string, more: object) =>
        dataOf<ListedKey>(
          await trial.call(operation, { authorization: `Bearer ${fixture.rootKey}`, body: more }, success),
        );
      const updated = await backend('keys.updateKey', { keyId: again.keyId, name: 'Ours' });
      trial.assert(updated.replaces === fresh.keyId, 'a backend sees it, too');
      const read = await backend('keys.getKey', { keyId: fresh.keyId });
      trial.assert(read.replaces === old.keyId && read.replacedBy === again.keyId, 'keys.getKey has both');
    },
  },
  {
    operation: 'portal.listKeys',
    name: 'a search ignores case, accents, normalization and invisible characters',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      for (const name of ['İstanbul', 'Straße', 'Caf\u00e9 b', 'prod\u200bkey']) await make(trial, fixture, { name });
      const searches = {
        istanbul: 'İstanbul',
        STRASSE: 'Straße',
        'E\u0301  B': 'Caf\u00e9 b',
        PRODKEY: 'prod\u200bkey',
      };
      for (const [search, name] of Object.entries(searches)) {
        const found = await user<ListedKey[]>(trial, fixture, 'portal.listKeys', { search });
        trial.assert(found.length === 1 && found[0]?.name === name, `a search for ${search} finds only ${name}`);
      }
    },
  },
  {
    operation: 'portal.getVerifications',
    name: 'every verification is counted once, by outcome, and the series adds up to the totals',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const good = await make(trial, fixture);
      const off = await make(trial, fixture, { enabled: false });
      const verifications = [good.key, good.key, good.key, off.key, off.key];
      await Promise.all(
        verifications.map((key) => expectCode(trial, fixture, key, key === off.key ? 'DISABLED' : 'VALID')),
      );
      const all = await usage(trial, fixture);
      trial.assert(all.totals.total === 5 && all.totals.valid === 3, `3 of 5 are valid, not ${all.totals.valid}`);
      const sum = all.series.reduce((before, { total }) => before + total, 0);
      trial.assert(sum === 5, `the series adds up to 5, not ${sum}`);
      const trends = all.topKeys.map(({ trend }) => trend);
      const isWhole = trends.every((trend) => trend.length === all.series.length);
      trial.assert(isWhole, 'the trend of each key has as many numbers as the series has buckets');
      const differs = all.series.some(
        ({ total }, i) => total !== trends.reduce((before, trend) => before + (trend[i] ?? 0), 0),
      );
      trial.assert(!differs, 'in each bucket, the trends of the keys add up to the series');
      const ofOff = trends[1]?.reduce((before, count) => before + count, 0);
      trial.assert(ofOff === 2, `the trend of the second key adds up to its total, 2, not ${ofOff}`);
      const one = await usage(trial, fixture, { keyId: off.keyId });
      trial.assert(one.totals.disabled === 2 && one.totals.total === 2, 'the usage of one key excludes other keys');
    },
  },
  {
    operation: 'portal.getVerifications',
    name: 'the previous totals are those of the window of the same length before',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { key, keyId } = await make(trial, fixture);
      await make(trial, fixture);
      for (const code of ['VALID', 'VALID']) await expectCode(trial, fixture, key, code);
      const startTime = Date.now() + 10 * 60_000;
      for (const [minutes, expected] of [
        [60, 2],
        [5, 0],
      ] as const) {
        const window = { startTime, endTime: startTime + minutes * 60_000, keyId };
        const { totals, previousTotals } = await usage(trial, fixture, window);
        const found = [totals.total, previousTotals?.total].join();
        trial.assert(found === `0,${expected}`, `${expected} calls are before ${minutes} minutes, not ${found}`);
      }
      const longest = await usage(trial, fixture, { startTime: Date.now() - 85 * day });
      trial.assert(longest.previousTotals === undefined, 'there are no totals of a time whose usage is not stored');
    },
  },
  {
    operation: 'portal.getVerifications',
    name: 'a window can start when the stored usage begins, and not a millisecond before',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      // The day does not change meanwhile.
      const { timeZone } = calendar();
      const { storedSince } = await usage(trial, fixture, { timeZone });
      const whole = await usage(trial, fixture, { startTime: storedSince, timeZone });
      trial.assert(whole.startTime === storedSince, 'the window starts with the stored usage');
      const body = { startTime: storedSince - 1, endTime: Date.now() + 60_000, timeZone };
      const request = { authorization: `Bearer ${fixture.token}`, body };
      await trial.call('portal.getVerifications', request, invalid('body.startTime'));
    },
  },
  {
    operation: 'keys.verifyKeys',
    name: 'the keys of one call are decided in their order, and each is counted once',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const limited = await make(trial, fixture, { ratelimit: { limit: 2, duration: 600_000 } });
      const off = await make(trial, fixture, { enabled: false });
      const keys = [limited.key, off.key, limited.key, 'no_such_key', limited.key].map((key) => ({ key }));
      const request = { authorization: `Bearer ${fixture.rootKey}`, body: { keys } };
      const verified = await trial.call('keys.verifyKeys', request, success);
      const { verifications } = dataOf<{ verifications: { code: string; keyId?: string }[] }>(verified);
      const codes = verifications.map(({ code }) => code).join();
      trial.assert(codes === 'VALID,DISABLED,VALID,NOT_FOUND,RATE_LIMITED', `the codes are in order, not ${codes}`);
      trial.assert(verifications[1]?.keyId === off.keyId, 'each result is that of the key in its place');
      const { totals } = await usage(trial, fixture);
      const counts = [totals.total, totals.valid, totals.disabled, totals.rateLimited].join();
      trial.assert(counts === '4,2,1,1', `the total, valid, disabled and rate limited count 4,2,1,1, not ${counts}`);
    },
  },
  {
    operation: 'keys.reportVerifications',
    name: 'reported verifications add up with verified ones, and a repeated report counts once',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const limited = await make(trial, fixture, { ratelimit: { limit: 1, duration: 600_000 } });
      const other = await make(trial, fixture);
      const counts = [
        [other.key, 7],
        ['no_such_key', 5],
        [limited.key, 2],
        [other.key, 1000],
      ] as const;
      const verifications = counts.map(([key, count]) => ({ key, count }));
      const send = (idempotencyKey: string, reported: object[]) =>
        trial.call(
          'keys.reportVerifications',
          {
            authorization: `Bearer ${fixture.rootKey}`,
            headers: { 'Idempotency-Key': idempotencyKey },
            body: { verifications: reported },
          },
          success,
        );
      const idempotencyKey = newId();
      await Promise.all([send(idempotencyKey, verifications), send(idempotencyKey, verifications)]);
      await send(idempotencyKey, verifications);
      // A report is not limited by the limit of the key, and does not use it up.
      await expectCode(trial, fixture, limited.key, 'VALID');
      const once = await usage(trial, fixture);
      trial.assert(once.totals.total === 1010, `1,007 + 2 + 1 verifications are counted, not ${once.totals.total}`);
      trial.assert(once.totals.valid === 1010, `all of them are valid, not ${once.totals.valid}`);
      const one = await usage(trial, fixture, { keyId: other.keyId });
      trial.assert(one.totals.total === 1007, `1,007 of them are of one key, not ${one.totals.total}`);
      // Another key, or another body, is another report.
      await send(newId(), verifications.slice(0, 1));
      await send(idempotencyKey, verifications.slice(0, 1));
      const again = await usage(trial, fixture);
      trial.assert(
        again.totals.total === 1024,
        `two more reports add 14 verifications, not ${again.totals.total - 1010}`,
      );
    },
  },
  {
    operation: 'portal.getVerifications',
    name: 'the days of a time zone begin at its midnight, and a window of days counts nothing else',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { key } = await make(trial, fixture);
      await expectCode(trial, fixture, key, 'VALID');
      const { timeZone, midnight } = calendar();
      const before = await usage(trial, fixture, { startTime: midnight - 9 * day, endTime: midnight, timeZone });
      trial.assert(
        before.totals.total === 0,
        `no verification of today counts before today, not ${before.totals.total}`,
      );
      const { totals, series } = await usage(trial, fixture, { startTime: midnight - 9 * day, timeZone });
      const times = series.map(({ time }) => time);
      trial.assert(times.length === 10 && times.at(-1) === midnight, 'each day is a bucket, and today is the last one');
      trial.assert(
        times.every((time) => (midnight - time) % day === 0),
        'each bucket begins at midnight',
      );
      trial.assert(totals.total === 1 && series.at(-1)?.total === 1, 'today counts its verification');
    },
  },
  {
    operation: 'portal.getVerifications',
    name: 'the hours of a time zone begin when its clocks show a whole hour, and the CSV has their offset',
    async run(trial) {
      const fixture = await trial.arrange('keyUser');
      const { timeZone, offset, midnight } = calendar();
      const window = { startTime: midnight, endTime: midnight + 5 * hour, timeZone };
      const { series } = await usage(trial, fixture, window);
      const times = series.map(({ time }) => (time - midnight) / hour);
      trial.assert(times.join() === '0,1,2,3,4', `the hours from midnight on, not ${times.join()}`);
      const response = await trial.call(
        'portal.getVerifications',
        { authorization: `Bearer ${fixture.token}`, body: window, headers: { Accept: 'text/csv' } },
        success,
      );
      const [, first = ''] = String(response.body).split('\n');
      trial.assert(/^\d{4}-\d\d-\d\dT00:00:00(\.000)?[+-]/.test(first), 'the first line begins at midnight');
      trial.assert(first.split(',')[0]?.endsWith(offset) === true, `the first line has the offset ${offset}`);
    },
  },
] satisfies Flow[];
