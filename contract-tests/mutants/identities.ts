/** Defects of users and of their erasure. */
import { bodyOf, envelope, type Mutant, onCall, onReply, succeeds, withBody, withData } from './mutant.ts';

const update = 'identities.updateIdentity';
const erase = 'identities.deleteIdentity';

export const identityMutants: Mutant[] = [
  onReply(
    'each read of a user has another id',
    /a user exists from the first session on/,
    succeeds('identities.getIdentity'),
    (reply) => withData(reply, { identityId: `identity_${Math.random().toString(36).slice(2).padEnd(12, '0')}` }),
  ),
  onCall(
    'null does not clear the name of a user',
    /sent fields change, missing fields stay, and null clears/,
    (call) => call.operation === update && bodyOf(call)['name'] === null,
    (call) => withBody(call, { name: undefined }),
  ),
  onCall(
    'a missing name of a user is cleared',
    /sent fields change, missing fields stay, and null clears/,
    (call) => call.operation === update && !('name' in bodyOf(call)),
    (call) => withBody(call, { name: null }),
  ),
  onCall(
    'the search for users is ignored',
    /a search finds users|a search without matches/,
    ({ operation }) => operation === 'identities.listIdentities',
    (call) => withBody(call, { search: undefined }),
  ),
  {
    name: 'the deletion of a user does nothing',
    breaks: /sessions end and keys stop working at once/,
    createDefect: () => ({
      async onCall(call, forward) {
        if (call.operation !== erase) return undefined;
        const reply = await forward({ ...call, url: '/v2/identities.getIdentity' });
        const { data } = envelope(reply);
        return data === undefined ? reply : { ...reply, ...withData(reply, {}) };
      },
    }),
  },
  onReply(
    'the audit log has a deleted user',
    /the audit log keeps the entries without the user/,
    succeeds('auditLogs.listEntries'),
    (reply) => {
      const { data } = envelope(reply) as { data?: unknown };
      const entries = Array.isArray(data) ? (data as Record<string, unknown>[]) : [];
      return { body: { ...envelope(reply), data: entries.map(({ subject: _, ...entry }) => entry) } };
    },
  ),
];
