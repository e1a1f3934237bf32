/** Servers that manage portals, APIs and sessions in the wrong way, or keep a wrong log of it. */
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
    name: 'a stale version is let in',
    breaks: /updateConfiguration › of many that carry one version|stale/,
    misbehave: () => ({
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
    'what is absent is cleared',
    /what is absent stays/,
    (call) => is(update)(call) && 'name' in bodyOf(call),
    (call) => withBody(call, { returnUrl: null, ...bodyOf(call) }),
  ),
  onReply(
    'the version does not grow',
    /the version grows by one|is changed, and the rest is kept/,
    (reply, call) => succeeds(update)(reply, call) || succeeds('portal.getConfiguration')(reply, call),
    (reply) => withData(reply, { version: 1 }),
  ),
  onReply(
    'a taken slug answers as if it were made',
    /a slug that is taken is refused/,
    failsWith('portal_config_already_exists'),
    (reply) => ({
      status: 200,
      body: { ...envelope(reply) },
    }),
  ),
  onReply(
    'deleting does nothing',
    /what was deleted is gone/,
    (reply, call) => call.operation === 'portal.getConfiguration' && reply.status === 404,
    (reply) => ({
      ...reply,
      status: 200,
    }),
  ),
  {
    name: 'a deleted API stays',
    breaks: /deleteApi › what was deleted is gone/,
    misbehave: () => ({
      onCall: (call, forward) =>
        is('apis.deleteApi')(call) ? forward({ ...call, url: '/v2/apis.getApi' }) : undefined,
      onReply: (reply, call) =>
        succeeds('apis.deleteApi')(reply, call) ? { ...reply, body: { ...envelope(reply), data: {} } } : reply,
    }),
  },
  onCall(
    'the limit of a page is not kept',
    /its pages give every item once/,
    (call) => is(list)(call) && Number(bodyOf(call)['limit']) > 1,
    (call) => withBody(call, { limit: 100 }),
  ),
  onReply(
    'a list ends after its first page',
    /its pages give every item once|a page is as long/,
    succeeds(list),
    (reply) => withPagination(reply, { hasMore: false }),
  ),
  onCall(
    'a cursor leads back to the first page',
    /its pages give every item once/,
    (call) => is('apis.listApis')(call) && 'cursor' in bodyOf(call),
    (call) => withBody(call, { cursor: undefined }),
  ),
  onCall(
    'revoking by handle does nothing',
    /by handle one session ends/,
    (call) => is('portal.revokeSessions')(call) && 'handle' in bodyOf(call),
    (call) => withBody(call, { handle: 'sess_00000000000000000000000000000000' }),
  ),
  onCall(
    'revoking by externalId ends nothing',
    /by externalId all sessions of the user end/,
    (call) => is('portal.revokeSessions')(call) && 'externalId' in bodyOf(call),
    (call) => withBody(call, { externalId: 'nobody' }),
  ),
  onReply(
    'a session that was exchanged stays pending in the list',
    /is pending once minted, active/,
    succeeds('portal.listSessions'),
    (reply) => ({
      body: JSON.parse(JSON.stringify(reply.body).replaceAll('"active"', '"pending"')),
    }),
  ),
  onCall(
    'the list of sessions shows another user’s',
    /nobody else’s session is listed|is pending once minted/,
    (call) => is('portal.listSessions')(call) && 'externalId' in bodyOf(call),
    (call) => withBody(call, { externalId: 'user_123' }),
  ),
  onCall(
    'the Idempotency-Key is not looked at',
    /with one Idempotency-Key the same request/,
    (call) => call.headers['idempotency-key'] !== undefined,
    (call) => ({
      headers: { ...call.headers, 'idempotency-key': undefined },
    }),
  ),
  onReply(
    'the audit log forgets the request',
    /what was done is in the log/,
    succeeds('auditLogs.listEntries'),
    (reply) => ({
      body: JSON.parse(JSON.stringify(reply.body).replaceAll(/"requestId":"req_\w+","resource"/g, '"resource"')),
    }),
  ),
  onReply(
    'the audit log forgets log outs',
    /what was done is in the log/,
    succeeds('auditLogs.listEntries'),
    (reply) => ({
      body: {
        ...envelope(reply),
        data: [envelope(reply).data].flat().filter((entry) => entry?.['action'] !== 'session.end'),
      },
    }),
  ),
];
