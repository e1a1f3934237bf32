import type { Facts } from '../engine/case.ts';
import type { Flow } from '../engine/check.ts';
import { dataOf } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

interface NewKey {
  keyId: string;
  key: string;
}
interface ListedKey {
  keyId: string;
  name?: string;
  expires?: number;
}
interface Counts {
  total: number;
  valid: number;
  rateLimited: number;
  disabled: number;
  expired: number;
}

const fine = { status: 200 };

/** Calls an operation as the signed-in user, and returns its data. */
async function user<T>(trial: Trial, { token }: Facts, operation: string, body: object): Promise<T> {
  return dataOf<T>(await trial.call(operation, { authorization: `Bearer ${token}`, body }, fine));
}

const make = (trial: Trial, facts: Facts, over: object = {}) =>
  user<NewKey>(trial, facts, 'portal.createKey', { apiId: facts.apiId, ...over });

/** Verifies a key, which must come out like this. */
async function expectCode(trial: Trial, { rootKey }: Facts, key: string, code: string): Promise<void> {
  const request = { authorization: `Bearer ${rootKey}`, body: { key } };
  await trial.call('keys.verifyKey', request, { status: 200, data: { code, valid: code === 'VALID' } });
}

async function usage(trial: Trial, facts: Facts, over: object = {}): Promise<{ totals: Counts; series: Counts[] }> {
  const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() + 120_000 };
  return user(trial, facts, 'portal.getVerifications', { ...window, ...over });
}

/** What becomes of a key once something is done to it. */
const stops = (operation: string, name: string, body: object, code: string): Flow => ({
  operation,
  name,
  async run(trial) {
    const facts = await trial.arrange('keyUser');
    const { keyId, key } = await make(trial, facts);
    await expectCode(trial, facts, key, 'VALID');
    await user(trial, facts, operation, { keyId, ...body });
    await expectCode(trial, facts, key, code);
  },
});

/** Promises about API keys and their usage that take several requests to see. */
export default [
  stops('portal.deleteKey', 'the next verification of a deleted key returns NOT_FOUND', {}, 'NOT_FOUND'),
  stops('portal.updateKey', 'the next verification of a disabled key returns DISABLED', { enabled: false }, 'DISABLED'),
  stops(
    'portal.rerollKey',
    'without an overlap the next verification of the old key returns EXPIRED',
    { expiration: 0 },
    'EXPIRED',
  ),
  {
    operation: 'portal.rerollKey',
    name: 'with an overlap both keys are valid, and the old one gets an expiry',
    async run(trial) {
      const facts = await trial.arrange('keyUser');
      const old = await make(trial, facts, { name: 'Rolled' });
      const fresh = await user<NewKey>(trial, facts, 'portal.rerollKey', { keyId: old.keyId, expiration: 600_000 });
      trial.holds(fresh.key !== old.key && fresh.keyId !== old.keyId, 'the new key is another one');
      await expectCode(trial, facts, old.key, 'VALID');
      await expectCode(trial, facts, fresh.key, 'VALID');
      const [first, second] = await user<ListedKey[]>(trial, facts, 'portal.listKeys', {});
      trial.holds(first?.keyId === fresh.keyId && first.name === 'Rolled', 'the new key has the name of the old one');
      trial.holds(first?.expires === undefined, 'the new key never expires, as the old one did not');
      const left = Number(second?.expires) - Date.now();
      trial.holds(left > 300_000 && left < 900_000, `the old key goes on for ten minutes, not ${left} ms`);
    },
  },
  {
    operation: 'portal.createKey',
    name: 'the key starts with the prefix of its API and appears in no list',
    async run(trial) {
      const facts = await trial.arrange('keyUser');
      const { key } = await make(trial, facts, { name: 'Shown once' });
      trial.holds(key.startsWith('a_b_'), 'the key begins with the prefix and an underscore');
      const request = { authorization: `Bearer ${facts.token}`, body: {} };
      // As a secret of the state the key may not be in the answer.
      await trial.call('portal.listKeys', request, fine, { ...facts, apiKey: key });
    },
  },
  {
    operation: 'portal.createKey',
    name: 'a rate limit allows exactly its number of verifications',
    async run(trial) {
      const facts = await trial.arrange('keyUser');
      const { key } = await make(trial, facts, { ratelimit: { limit: 3, duration: 600_000 } });
      for (const code of ['VALID', 'VALID', 'VALID', 'RATE_LIMITED', 'RATE_LIMITED']) {
        await expectCode(trial, facts, key, code);
      }
    },
  },
  {
    operation: 'portal.listKeys',
    name: 'pages return every key once, newest first, and search finds by name',
    async run(trial) {
      const facts = await trial.arrange('keyUser');
      const names = ['One', 'Two', 'Three', 'Four', 'Five'];
      for (const name of names) await make(trial, facts, { name });
      const seen: (string | undefined)[] = [];
      let cursor: string | undefined;
      do {
        const body = { limit: 2, ...(cursor && { cursor }) };
        const answer = await trial.call('portal.listKeys', { authorization: `Bearer ${facts.token}`, body }, fine);
        seen.push(...dataOf<ListedKey[]>(answer).map(({ name }) => name));
        cursor = (answer.body as { pagination: { cursor?: string } }).pagination.cursor;
      } while (cursor !== undefined && seen.length < 20);
      trial.holds([...seen].sort().join() === [...names].sort().join(), `the pages hold ${names}, not ${seen}`);
      const found = await user<ListedKey[]>(trial, facts, 'portal.listKeys', { search: 'FO' });
      trial.holds(found.length === 1 && found[0]?.name === 'Four', 'a search for FO finds Four alone');
    },
  },
  {
    operation: 'portal.getVerifications',
    name: 'every verification is counted once, by outcome, and the series adds up to the totals',
    async run(trial) {
      const facts = await trial.arrange('keyUser');
      const good = await make(trial, facts);
      const off = await make(trial, facts, { enabled: false });
      const verifications = [good.key, good.key, good.key, off.key, off.key];
      await Promise.all(
        verifications.map((key) => expectCode(trial, facts, key, key === off.key ? 'DISABLED' : 'VALID')),
      );
      const all = await usage(trial, facts);
      trial.holds(all.totals.total === 5 && all.totals.valid === 3, `3 of 5 are valid, not ${all.totals.valid}`);
      const sum = all.series.reduce((before, { total }) => before + total, 0);
      trial.holds(sum === 5, `the series adds up to 5, not ${sum}`);
      const one = await usage(trial, facts, { keyId: off.keyId });
      trial.holds(one.totals.disabled === 2 && one.totals.total === 2, 'the usage of one key is its own alone');
    },
  },
] satisfies Flow[];
