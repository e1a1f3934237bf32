/** Defects of portals, APIs, session management and the audit log. */
import { bodyOf, envelope, failsWith, type Mutant, onCall, onReply, succeeds, withBody, withData } from './mutant.ts';
import type { Call } from './proxy.ts';

const update = 'portal.updateConfiguration';
const list = 'portal.listConfigurations';
const is = (operation: string) => (call: Call) => call.operation === operation;
const withPagination = (reply: Parameters<typeof envelope>[0], pagination: unknown) => ({
  body: { ...envelope(reply), pagination },
});

export const operatorMutants: Mutant[] = [
  {
    name: 'a stale version is accepted',
    breaks: /updateConfiguration › only one of many concurrent updates|stale/,
    createDefect: () => ({
      async onCall(call, forward) {
        if (!is(update)(call)) return undefined;
        const reply = await forward(call);
        if (!failsWith('portal_config_version_conflict')(reply)) return reply;
        const text = JSON.stringify({ portal: bodyOf(call)['portal'] });
        const read = await forward({ ...call, url: '/v2/portal.getConfiguration', text });
        return forward({ ...call, ...withBody(call, { version: envelope(read).data?.['version'] }) });
      },
    }),
  },
  onCall(
    'null does not clear',
    /null clears/,
    (call) => is(update)(call) && bodyOf(call)['returnUrl'] === null,
    (call) => withBody(call, { returnUrl: undefined }),
  ),
  onCall(
    'absent fields are cleared',
    /absent fields stay/,
    (call) => is(update)(call) && 'name' in bodyOf(call),
    (call) => withBody(call, { returnUrl: null, ...bodyOf(call) }),
  ),
  onReply(
    'the version does not increase',
    /the version increases by one|sent fields change, and the rest/,
    (reply, call) => succeeds(update)(reply, call) || succeeds('portal.getConfiguration')(reply, call),
    (reply) => withData(reply, { version: 1 }),
  ),
  onReply(
    'an update that changes nothing increases the version',
    /an update that changes nothing leaves the version as it is/,
    (reply, call) =>
      succeeds(update)(reply, call) && Object.keys(bodyOf(call)).sort().join() === 'branding,enabled,portal,version',
    (reply) => withData(reply, { version: 2 }),
  ),
  onReply(
    'the tabs of a session ignore the order of the portal',
    /the tabs are in the order of the portal/,
    succeeds('portal.getSession'),
    (reply) => {
      const order = ['keys', 'analytics', 'docs', 'account'];
      const tabs = [envelope(reply).data?.['tabs']].flat().map(String);
      return withData(reply, { tabs: tabs.sort((a, b) => order.indexOf(a) - order.indexOf(b)) });
    },
  ),
  onCall(
    'a list in the branding is added to',
    /a list in the branding is replaced|null clears a field/,
    (call) => is(update)(call) && typeof bodyOf(call)['branding'] === 'object',
    (call) => withBody(call, { branding: { ...(bodyOf(call)['branding'] as object), tabs: undefined } }),
  ),
  onReply(
    'a background that is too dark is accepted',
    /a dark background of the light scheme is refused/,
    (reply) => JSON.stringify(reply.body).includes('too dark'),
    (reply) => ({ ...reply, status: 200 }),
  ),
  onReply(
    'a taken host name returns success',
    /the host name of another portal is refused/,
    failsWith('portal_hostname_taken'),
    (reply) => ({ status: 200, body: { ...envelope(reply) } }),
  ),
  onReply(
    'a session is usable at any host',
    /a session of a portal with another host is refused/,
    failsWith('wrong_host'),
    (reply) => ({ status: 200, body: { ...envelope(reply) } }),
  ),
  onReply(
    'the link of every portal leads to the server',
    /the link of a portal with a host name leads there/,
    succeeds('portal.createSession'),
    (reply) => withData(reply, { url: String(envelope(reply).data?.['url']).replace(/\/\/[^/]+/, '//portal.example') }),
  ),
  onReply(
    'a taken slug returns success',
    /a slug that is taken is refused/,
    failsWith('portal_config_already_exists'),
    (reply) => ({
      status: 200,
      body: { ...envelope(reply) },
    }),
  ),
  onReply(
    'deleting a portal does nothing',
    /a deleted \w+ is gone/,
    (reply, call) => call.operation === 'portal.getConfiguration' && reply.status === 404,
    (reply) => ({
      ...reply,
      status: 200,
    }),
  ),
  {
    name: 'a deleted API stays',
    breaks: /deleteApi › a deleted API is gone/,
    createDefect: () => ({
      onCall: (call, forward) =>
        is('apis.deleteApi')(call) ? forward({ ...call, url: '/v2/apis.getApi' }) : undefined,
      onReply: (reply, call) =>
        succeeds('apis.deleteApi')(reply, call) ? { ...reply, body: { ...envelope(reply), data: {} } } : reply,
    }),
  },
  onCall(
    'the limit of a page is ignored',
    /pages return every item once/,
    (call) => is(list)(call) && Number(bodyOf(call)['limit']) > 1,
    (call) => withBody(call, { limit: 100 }),
  ),
  onReply(
    'a list ends after its first page',
    /pages return every item once|a page has the requested length/,
    succeeds(list),
    (reply) => withPagination(reply, { hasMore: false }),
  ),
  onCall(
    'a cursor returns the first page again',
    /pages return every item once/,
    (call) => is('apis.listApis')(call) && 'cursor' in bodyOf(call),
    (call) => withBody(call, { cursor: undefined }),
  ),
  onCall(
    'revoking by handle does nothing',
    /by handle ends one session/,
    (call) => is('portal.revokeSessions')(call) && 'handle' in bodyOf(call),
    (call) => withBody(call, { handle: 'sess_00000000000000000000000000000000' }),
  ),
  onCall(
    'revoking by externalId ends nothing',
    /by externalId ends all/,
    (call) => is('portal.revokeSessions')(call) && 'externalId' in bodyOf(call),
    (call) => withBody(call, { externalId: 'nobody' }),
  ),
  onReply(
    'an exchanged session stays pending in the list',
    /is pending after creation, active/,
    succeeds('portal.listSessions'),
    (reply) => ({
      body: JSON.parse(JSON.stringify(reply.body).replaceAll('"active"', '"pending"')),
    }),
  ),
  onCall(
    'the list of sessions shows another user’s',
    /only sessions of the user are listed|is pending after creation/,
    (call) => is('portal.listSessions')(call) && 'externalId' in bodyOf(call),
    (call) => withBody(call, { externalId: 'user_123' }),
  ),
  onCall(
    'the Idempotency-Key is ignored',
    /a repeated request with one Idempotency-Key/,
    (call) => call.headers['idempotency-key'] !== undefined,
    (call) => ({
      headers: { ...call.headers, 'idempotency-key': undefined },
    }),
  ),
  onReply('the audit log omits the request', /the log records actions/, succeeds('auditLogs.listEntries'), (reply) => ({
    body: JSON.parse(JSON.stringify(reply.body).replaceAll(/"requestId":"req_\w+","resource"/g, '"resource"')),
  })),
  onReply('the audit log omits logouts', /the log records actions/, succeeds('auditLogs.listEntries'), (reply) => ({
    body: {
      ...envelope(reply),
      data: [envelope(reply).data].flat().filter((entry) => entry?.['action'] !== 'session.end'),
    },
  })),
];
