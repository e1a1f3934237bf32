/** Flows of users: their records, and their erasure. */

import type { Flow } from '../engine/check.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey, type Page } from '../engine/root-key-steps.ts';
import { createSession, dataOf, expectExchangeRefused, expectSessionEnded, signIn } from '../engine/session-steps.ts';
import type { Trial } from '../engine/trial.ts';

interface Identity {
  identityId: string;
  externalId: string;
  name?: string;
  createdAt: number;
  updatedAt: number;
}

const freshUser = () => `user-${newId()}`;
const read = async (trial: Trial, externalId: string): Promise<Identity> =>
  dataOf(await callWithRootKey(trial, 'identities.getIdentity', { externalId }));
const update = async (trial: Trial, body: object): Promise<Identity> =>
  dataOf(await callWithRootKey(trial, 'identities.updateIdentity', body));
const notFound = { status: 404, error: 'unkey/data/identity_not_found' };

/** How many pages the few users of a check can have. */
const mostPages = 20;

async function search(trial: Trial, text: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages++) {
    const response = await callWithRootKey(trial, 'identities.listIdentities', { search: text, limit: 2, cursor });
    const { data, pagination } = response.body as Page<Identity>;
    found.push(...data.map(({ externalId }) => externalId));
    if (!pagination.hasMore) return found;
    cursor = pagination.cursor;
  }
  trial.assert(false, `the list ends after at most ${mostPages} pages`);
  return found;
}

const records: Flow[] = [
  {
    operation: 'identities.getIdentity',
    name: 'a user exists from the first session on, and further sessions change nothing',
    async run(trial) {
      const externalId = freshUser();
      await callWithRootKey(trial, 'identities.getIdentity', { externalId }, notFound);
      await createSession(trial, { externalId });
      const first = await read(trial, externalId);
      trial.assert(first.externalId === externalId, 'the user is found');
      await signIn(trial, { externalId });
      const again = await read(trial, externalId);
      trial.assert(JSON.stringify(again) === JSON.stringify(first), 'the record is the same');
    },
  },
  {
    operation: 'identities.updateIdentity',
    name: 'sent fields change, missing fields stay, and null clears; the id stays',
    async run(trial) {
      const externalId = freshUser();
      const created = await update(trial, { externalId, name: ' Acme ', meta: { plan: 'pro' } });
      trial.assert(created.name === 'Acme', 'the name is stored without white space at its ends');
      const changed = await update(trial, { externalId, meta: { plan: 'free' } });
      trial.assert(changed.name === 'Acme' && changed.identityId === created.identityId, 'the name and the id stay');
      const cleared = await update(trial, { externalId, name: null });
      trial.assert(cleared.name === undefined, 'the name is cleared');
      const seen = await read(trial, externalId);
      trial.assert(JSON.stringify(seen) === JSON.stringify(cleared), 'getIdentity returns the same');
    },
  },
  {
    operation: 'identities.listIdentities',
    name: 'a search finds users by identifier or name, page by page, in the order of their identifiers',
    async run(trial) {
      const tag = newId();
      const ids = ['b', 'a', 'c'].map((letter) => `${tag}-${letter}`);
      for (const externalId of ids) await update(trial, { externalId });
      await update(trial, { externalId: `${freshUser()}`, name: `Named ${tag.toUpperCase()}` });
      const found = await search(trial, tag);
      trial.assert(found.length === 4, `four users are found, not ${found.length}`);
      const own = found.filter((externalId) => externalId.startsWith(tag));
      trial.assert(String(own) === String(ids.toSorted()), 'they are in order');
    },
  },
];

const erasure: Flow[] = [
  {
    operation: 'identities.deleteIdentity',
    name: 'sessions end and keys stop working at once, and the user is gone',
    async run(trial) {
      const { rootKey, token, apiKey, externalId = '' } = await trial.arrange('key');
      const { created } = await createSession(trial, { externalId });
      const verify = async () =>
        dataOf<{ code: string }>(
          await trial.call(
            'keys.verifyKey',
            { authorization: `Bearer ${rootKey}`, body: { key: apiKey } },
            { status: 200 },
          ),
        ).code;
      trial.assert((await verify()) === 'VALID', 'the key is valid before');
      const { identityId } = await read(trial, externalId);
      const deleted = dataOf<Identity>(await callWithRootKey(trial, 'identities.deleteIdentity', { externalId }));
      trial.assert(deleted.identityId === identityId, 'the id is that of the user');
      await expectSessionEnded(trial, token);
      await expectExchangeRefused(trial, created.sessionId);
      trial.assert((await verify()) === 'NOT_FOUND', 'the key is gone');
      await callWithRootKey(trial, 'identities.getIdentity', { externalId }, notFound);
      trial.assert((await search(trial, externalId)).length === 0, 'no list has the user');
      await callWithRootKey(trial, 'identities.deleteIdentity', { externalId }, notFound);
    },
  },
  {
    operation: 'identities.deleteIdentity',
    name: 'the audit log keeps the entries without the user, and the same identifier is a new user',
    async run(trial) {
      const externalId = freshUser();
      await signIn(trial, { externalId, actor: { id: `${externalId}-person`, name: 'Ada' } });
      const { identityId } = await read(trial, externalId);
      const [session] = (
        (await callWithRootKey(trial, 'portal.listSessions', { externalId })).body as Page<{ handle: string }>
      ).data;
      await callWithRootKey(trial, 'identities.deleteIdentity', { externalId });
      const log = await callWithRootKey(trial, 'auditLogs.listEntries', { resourceId: session?.handle });
      const entries = (log.body as Page<{ action: string; subject?: { identityId?: string; erased?: boolean } }>).data;
      const actions = entries.map(({ action }) => action);
      trial.assert(String(actions) === 'session.exchange,session.create', `the entries stay, not ${actions}`);
      trial.assert(
        entries.every(({ subject }) => subject?.identityId === identityId && subject.erased === true),
        'they have the id of the deleted user',
      );
      trial.assert(!JSON.stringify(log.body).includes(externalId), 'they have nothing else of the user');
      const after = (await callWithRootKey(trial, 'auditLogs.listEntries', { externalId })).body as Page<unknown>;
      trial.assert(after.data.length === 0, 'nothing is found by the identifier');
      await createSession(trial, { externalId });
      trial.assert((await read(trial, externalId)).identityId !== identityId, 'a new session creates a new user');
    },
  },
];

export default [...records, ...erasure];
