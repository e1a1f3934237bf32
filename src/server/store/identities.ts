import { customAlphabet } from 'nanoid';
import { Problem } from '../problem.ts';
import type { AuditLog, Change } from './audit.ts';
import { type CheckedControl, type ControlStore, callerOf, controlOf } from './control.ts';
import { keys } from './keys.ts';
import type { Quota } from './limits.ts';
import { merged, type Source } from './merge.ts';
import type { Page, PageRequest } from './page.ts';
import { type Owner, partitionOf, partitionsOf } from './partitions.ts';
import { textOfPolicy, type UserPolicy } from './policies.ts';
import type { Manager } from './proof.ts';
import type { Redis } from './redis.ts';

/** A user. All times are in Unix ms. */
export interface Identity {
  identityId: string;
  externalId: string;
  name?: string;
  meta?: Record<string, unknown>;
  policy?: UserPolicy;
  createdAt: number;
  updatedAt: number;
}

/** A user with what is needed to write the record again. */
export interface StoredIdentity {
  identity: Identity;
  /** The stored value, as it was read. */
  text: string;
}

const randomId = customAlphabet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 20);

/** How the record of a user begins who is being erased. */
const erasing = '!';

/** How many users one page of a list looks at, at most: its cost does not grow with the number of users. */
const maxLookedAt = 1000;
/** How many records are read together. */
const readAtOnce = 100;

/** The record: the id first, because a script compares it. The name of the record has the externalId. */
const recordOf = ({ identityId, externalId: _, ...rest }: Identity): string => JSON.stringify({ identityId, ...rest });

/** The user of a stored value, unless they are being erased. */
function identityOfText(externalId: string, text: string): Identity | undefined {
  if (text.startsWith(erasing)) return undefined;
  const { identityId, ...rest } = JSON.parse(text);
  return { identityId, externalId, ...rest };
}

/** A new user. @param now in Unix ms */
export const newIdentity = (externalId: string, now: number): Identity => ({
  identityId: `identity_${randomId()}`,
  externalId,
  createdAt: now,
  updatedAt: now,
});

/** The part of a script's keys and arguments by which it records a new user, as snippets/identity.lua does. */
export const identityOf = {
  keys: (owner: Owner) => ({ identity: keys.identity(owner), identities: keys.identities(partitionOf(owner)) }),
  /** @param now in Unix ms */
  args: ({ externalId }: Owner, now: number) => ({
    newIdentity: recordOf(newIdentity(externalId, now)),
    externalId,
  }),
};

/** The reply of such a script, without the refusal. @throws Problem identity_deletion_in_progress */
export function whileNotErased<Reply extends { outcome: string }>(
  reply: Reply,
): Exclude<Reply, { outcome: 'identity_deleting' }> {
  if (reply.outcome === 'identity_deleting') throw new Problem('unkey/data/identity_deletion_in_progress');
  return reply as Exclude<Reply, { outcome: 'identity_deleting' }>;
}

/** A user in the list, with the bytes by which Redis sorts. */
interface Listed {
  owner: Owner;
  bytes: Buffer;
}

export function identityStore(redis: Redis, audit: AuditLog, control: ControlStore, quota: Quota) {
  const readText = (owner: Owner) => redis.run((client) => client.get(keys.identity(owner)));

  /** The users of a workspace in the order of their externalIds. */
  function everyone(workspaceId: string, after: string | undefined): AsyncGenerator<Listed> {
    const sources = partitionsOf(workspaceId).map(
      (place): Source<Listed> => ({
        async read(last, count) {
          const from = last?.owner.externalId ?? after;
          const found = await redis.run((client) =>
            client.zRange(keys.identities(place), from === undefined ? '-' : `(${from}`, '+', {
              BY: 'LEX',
              LIMIT: { offset: 0, count },
            }),
          );
          return found.map((externalId) => ({ owner: { workspaceId, externalId }, bytes: Buffer.from(externalId) }));
        },
      }),
    );
    return merged(sources, (a, b) => Buffer.compare(a.bytes, b.bytes) < 0);
  }

  return {
    /** The user, unless they do not exist or are being erased. */
    async find(owner: Owner): Promise<StoredIdentity | undefined> {
      const text = await readText(owner);
      const identity = text === null ? undefined : identityOfText(owner.externalId, text);
      return identity && { identity, text: text as string };
    },

    /** The id of the user, also while they are being erased. */
    async findId(owner: Owner): Promise<string | undefined> {
      const text = await readText(owner);
      if (text === null) return undefined;
      return identityOfText(owner.externalId, text)?.identityId ?? text.slice(erasing.length);
    },

    /**
     * One page of the users that are wanted, in the order of their externalIds by code point. Reads a bounded number of users, so
     * a page may be short although more follow.
     */
    async list(
      workspaceId: string,
      wanted: (identity: Identity) => boolean,
      { limit, after }: PageRequest,
    ): Promise<Page<Identity>> {
      const items: Identity[] = [];
      const users = everyone(workspaceId, after);
      let last = after;
      for (let lookedAt = 0; lookedAt < maxLookedAt; lookedAt += readAtOnce) {
        const owners: Owner[] = [];
        for (let next = await users.next(); next.done !== true; next = await users.next()) {
          owners.push(next.value.owner);
          if (owners.length === readAtOnce) break;
        }
        const texts = await redis.run((client) => Promise.all(owners.map((owner) => client.get(keys.identity(owner)))));
        for (const [i, { externalId }] of owners.entries()) {
          const text = texts[i];
          const identity = text == null ? undefined : identityOfText(externalId, text);
          if (identity !== undefined && wanted(identity)) {
            // One more than the page has: the next page begins after the last one.
            if (items.length === limit) return { items, ...(last !== undefined && { next: last }) };
            items.push(identity);
          }
          last = externalId;
        }
        if (owners.length < readAtOnce) return { items };
      }
      return { items, ...(last !== undefined && { next: last }) };
    },

    /**
     * Writes a user, new or changed. `stale` means that the record has changed since it was read.
     *
     * @param before as it was read, or undefined if there was none
     * @throws Problem identity_deletion_in_progress, limit_exceeded; of a caller that is no longer valid
     */
    async write(
      workspaceId: string,
      before: StoredIdentity | undefined,
      after: Identity,
      { proof, entry }: Change<Manager>,
    ): Promise<'ok' | 'stale'> {
      const { externalId, policy } = after;
      const owner = { workspaceId, externalId };
      const place = partitionOf(owner);
      const write = (checked: CheckedControl) =>
        audit.write(keys.sessionAudit(place), entry, (args, logKey) =>
          redis.run((client) =>
            client.writeIdentity({
              keys: {
                ...{ ...controlOf.keys(place), ...logKey, ...identityOf.keys(owner) },
                identityPolicy: keys.identityPolicy(owner),
                quota: keys.partitionQuota(place),
              },
              args: {
                ...{ ...controlOf.args(checked), ...args, quotaBytes: quota.args.quotaBytes },
                textRead: before?.text ?? '',
                text: recordOf(after),
                policyText: policy === undefined ? '' : textOfPolicy(policy),
                externalId,
              },
            }),
          ),
        );
      const reply = await control.run(place, callerOf.wanted(proof), (now) => callerOf.check(now, proof), write);
      return whileNotErased(quota.within(reply)).outcome;
    },
  };
}
