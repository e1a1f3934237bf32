/** Sessions that one server revokes and another one refuses, and keys that are verified, during a fault. */
import { setTimeout as sleep } from 'node:timers/promises';
import { callServed } from './load.ts';
import { call, type Reply, type Tenant } from './tenant.ts';

/** What the servers acknowledged to one user. */
export interface Changes {
  externalId: string;
  /** The revoked sessions, and when each revocation was acknowledged, from performance.now(). */
  revoked: { token: string; at: number }[];
  /** When each verification was acknowledged. */
  verified: number[];
  /** Verifications without an acknowledgement. They may have been counted. */
  unknown: number;
}

/** The record of all users. */
export interface Revocations {
  users: Changes[];
  replies: Reply[];
  /** When a server still accepted a session whose revocation another one had acknowledged. */
  accepted: { externalId: string; at: number }[];
  stop(): Promise<void>;
}

const slug = 'my-portal';
/** A pause between rounds, so that the load beside it is served. */
const pauseMs = 20;

/** A session that can read the usage of its user. */
async function signIn(url: string, { rootKey }: Tenant, externalId: string, send = call): Promise<[Reply, Reply?]> {
  const permissions = ['api.*.read_analytics'];
  const created = await send(url, 'portal.createSession', rootKey, { slug, externalId, permissions });
  if (created.status !== 200) return [created];
  return [created, await send(url, 'portal.exchangeSession', '', { sessionId: created.data['sessionId'] })];
}

/** Lets each user sign in on one server, revokes the session there, and calls the other server with it; then the other way round. */
export async function startRevocations(
  urls: readonly [string, string],
  tenant: Tenant,
  externalIds: string[],
): Promise<Revocations> {
  const { rootKey, apiId } = tenant;
  let stopped = false;
  const result: Omit<Revocations, 'stop'> = { users: [], replies: [], accepted: [] };
  const record = (...replies: (Reply | undefined)[]) => {
    for (const reply of replies) if (reply !== undefined) result.replies.push(reply);
  };

  async function round(changes: Changes, key: string, [here, there]: readonly [string, string]): Promise<void> {
    const { externalId } = changes;
    const verified = await call(there, 'keys.verifyKey', rootKey, { key });
    record(verified);
    if (verified.status === 200) changes.verified.push(verified.at);
    else changes.unknown++;
    const [created, exchanged] = await signIn(here, tenant, externalId);
    record(created, exchanged);
    if (exchanged?.status !== 200) return;
    const token = String(exchanged.data['token']);
    record(await call(there, 'portal.getSession', token, {}));
    const revoked = await call(here, 'portal.revokeSessions', rootKey, { externalId });
    record(revoked);
    if (revoked.status !== 200) return;
    changes.revoked.push({ token, at: revoked.at });
    const after = await call(there, 'portal.getSession', token, {});
    if (after.status === 200) result.accepted.push({ externalId, at: revoked.at });
    // A 401 is expected here.
    if (after.status !== 401) record(after);
  }

  const users = externalIds.map(async (externalId) => {
    const made = await call(urls[0], 'keys.createKey', rootKey, { apiId, externalId });
    if (made.status !== 200) throw new Error(made.broken ?? 'no key was created');
    const changes: Changes = { externalId, revoked: [], verified: [], unknown: 0 };
    result.users.push(changes);
    return { changes, key: String(made.data['key']) };
  });
  const work = (await Promise.all(users)).map(async ({ changes, key }) => {
    for (let i = 0; !stopped; i++) {
      await round(changes, key, i % 2 === 0 ? urls : [urls[1], urls[0]]);
      await sleep(pauseMs);
    }
  });
  return {
    ...result,
    async stop() {
      stopped = true;
      await Promise.all(work);
    },
  };
}

/** How many revocations of a user the audit log has. */
export async function auditedRevocations(url: string, { rootKey }: Tenant, externalId: string): Promise<number> {
  const filter = { externalId, action: 'session.revoke', limit: 100 };
  let many = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await callServed(url, 'auditLogs.listEntries', rootKey, { ...filter, ...(cursor && { cursor }) });
    if (page.status !== 200) throw new Error(page.broken);
    many += Object.keys(page.data).length;
    cursor = page.cursor;
    if (cursor === undefined) return many;
  }
}

/** How many verifications of a user are counted. */
export async function countedVerifications(url: string, tenant: Tenant, externalId: string): Promise<number> {
  const [, exchanged] = await signIn(url, tenant, externalId, callServed);
  const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() + 60_000 };
  const usage = await callServed(url, 'portal.getVerifications', String(exchanged?.data['token']), window);
  if (usage.status !== 200) throw new Error(usage.broken);
  return (usage.data['totals'] as { total: number }).total;
}
