/** Defects of the account of a user, and of the persons who share one. */
import { envelope, type Mutant, onCall, onReply, succeeds, withBody, withData } from './mutant.ts';
import type { Reply } from './proxy.ts';

const sessions = 'portal.listUserSessions';
const end = 'portal.endOtherSessions';
const trail = 'portal.listAuditEntries';

type Item = Record<string, unknown>;
const itemsOf = (reply: Reply): Item[] => {
  const { data } = envelope(reply) as { data?: unknown };
  return Array.isArray(data) ? data : [];
};
/** Changes the items of a list. */
const withItems = (reply: Reply, change: (items: Item[]) => Item[]): Partial<Reply> => ({
  body: { ...envelope(reply), data: change(itemsOf(reply)) },
});

export const accountMutants: Mutant[] = [
  onReply('getSession hides the person', /the person of a session/, succeeds('portal.getSession'), (reply) =>
    withData(reply, { actor: undefined }),
  ),
  onReply('listSessions hides the person', /the person of a session/, succeeds('portal.listSessions'), (reply) =>
    withItems(reply, (items) => items.map(({ actor: _, ...rest }) => rest)),
  ),
  onReply(
    'every session is the current one',
    /sessions in the portal with their persons/,
    succeeds(sessions),
    (reply) => withItems(reply, (items) => items.map((item) => ({ ...item, current: true }))),
  ),
  onReply(
    'a session of somebody else is listed',
    /sessions in the portal with their persons/,
    succeeds(sessions),
    (reply) =>
      withItems(reply, (items) => [
        ...items,
        ...items.slice(0, 1).map((item) => ({ ...item, handle: 'sess_00other' })),
      ]),
  ),
  onCall(
    'all sessions end although only the others should',
    /the other sessions of the user/,
    ({ operation }) => operation === end,
    (call) => withBody(call, { all: true }),
  ),
  onCall(
    'the calling session stays although all should end',
    /the calling session ends too|endOtherSessions › 200 has Set-Cookie/,
    ({ operation }) => operation === end,
    (call) => withBody(call, { all: false }),
  ),
  {
    name: 'no session ends',
    breaks: /the other sessions of the user in the portal end at once/,
    createDefect: () => ({
      async onCall(call, forward) {
        if (call.operation !== end) return undefined;
        const reply = await forward({ ...call, url: `/v2/${sessions}`, ...withBody(call, { all: undefined }) });
        if (reply.status !== 200) return reply;
        const { pagination: _, ...rest } = envelope(reply) as ReturnType<typeof envelope> & { pagination?: unknown };
        return { ...reply, body: { ...rest, data: { ended: itemsOf(reply).length - 1 } } };
      },
    }),
  },
  onReply('a user sees the root key of the company', /what happened in their account/, succeeds(trail), (reply) =>
    withItems(reply, (items) => items.map((item) => ({ ...item, ip: '203.0.113.7' }))),
  ),
  onReply('an entry is listed twice', /no entries of other users|what happened/, succeeds(trail), (reply) =>
    withItems(reply, (items) => [...items, ...items.slice(0, 1)]),
  ),
];
