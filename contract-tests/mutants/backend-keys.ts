/** Defects of keys that a backend manages and imports. */
import { bodyOf, envelope, failsWith, type Mutant, onCall, onReply, succeeds, withBody, withData } from './mutant.ts';
import type { Call, Reply } from './proxy.ts';

type Results = { status: string }[];

const isTo = (operation: string) => (call: Call) => call.operation === operation;

/** Returns a success in place of an error. */
const succeedsInstead = (name: string, breaks: RegExp, code: string, operation: RegExp) =>
  onReply(
    name,
    breaks,
    (reply, call) => operation.test(call.operation) && failsWith(code)(reply),
    (reply) => ({ status: 200, body: { meta: envelope(reply).meta, data: {} } }),
  );

/** Ignores the Idempotency-Key of an operation. */
const forgetful = (name: string, breaks: RegExp, operation: string) =>
  onCall(name, breaks, isTo(operation), ({ headers }) => ({ headers: { ...headers, 'idempotency-key': undefined } }));

/** Leaves a field out of the request. */
const without = (name: string, breaks: RegExp, operation: string, field: string) =>
  onCall(name, breaks, isTo(operation), (call) => {
    const { [field]: _, ...rest } = bodyOf(call);
    return withBody(call, { ...rest, [field]: undefined });
  });

/** Changes the results of an import. */
const imported = (name: string, breaks: RegExp, change: (results: Results) => Results) =>
  onReply(name, breaks, succeeds('keys.importKeys'), (reply: Reply) =>
    withData(reply, { keys: change(envelope(reply).data?.['keys'] as Results) }),
  );

export const backendKeyMutants: Mutant[] = [
  succeedsInstead('a user can change a managed key', /a backend manages/, 'key_managed', /^portal\./),
  succeedsInstead(
    'a permission on one API is one on all',
    /on another API/,
    'insufficient_permissions',
    /^(keys|apis)\./,
  ),
  succeedsInstead('a key of another workspace is found', /another workspace/, 'key_not_found', /^keys\./),
  forgetful('a repeated keys.createKey creates another key', /keys.createKey › a repeated request/, 'keys.createKey'),
  forgetful('a repeated keys.rerollKey fails', /keys.rerollKey › a repeated request/, 'keys.rerollKey'),
  without('keys are created without managed', /its user sees the key/, 'keys.createKey', 'managed'),
  without('a list of keys ignores its state', /filters find them|no key matches/, 'apis.listKeys', 'state'),
  without('a list of keys ignores its user', /filters find them/, 'apis.listKeys', 'externalId'),
  without('a list of keys ignores its search', /filters find them/, 'apis.listKeys', 'search'),
  imported('an import creates a key that exists', /^keys\.importKeys › .*(a repeated import|in its place)/, (results) =>
    results.map((one) => (one.status === 'exists' ? { ...one, status: 'created' } : one)),
  ),
  imported(
    'the results of an import are in another order',
    /^keys\.importKeys › .*(in its place|another user)/,
    (results) => results.toReversed(),
  ),
  imported('a key that failed has no result', /^keys\.importKeys › .*(in its place|another user)/, (results) =>
    results.filter(({ status }) => status !== 'failed'),
  ),
  onCall(
    'an import ignores all keys but the first',
    /^keys\.importKeys › (an imported key verifies|.*in its place)/,
    isTo('keys.importKeys'),
    (call) => {
      const { keys } = bodyOf(call) as { keys?: unknown };
      return Array.isArray(keys) ? withBody(call, { keys: keys.slice(0, 1) }) : {};
    },
  ),
  onReply('the audit log has nothing of keys', /with a key has entries/, succeeds('auditLogs.listEntries'), (reply) => {
    const entries = envelope(reply).data as unknown as { action: string }[];
    return { body: { ...envelope(reply), data: entries.filter(({ action }) => !action.startsWith('key.')) } };
  }),
];
