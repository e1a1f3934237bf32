/** Defects of access control: wrong callers, wrong permissions. */
import {
  bearerOf,
  bodyOf,
  envelope,
  type Mutant,
  type MutantOptions,
  onCall,
  onReply,
  succeeds,
  withBody,
  withData,
} from './mutant.ts';
import type { Call } from './proxy.ts';

const get = 'portal.getSession';
const is = (operation: string) => (call: Call) => call.operation === operation;

const tenants = ({ rootKey, foreignRootKey, slug, disabledSlug }: MutantOptions): Mutant[] => [
  onCall(
    "another workspace's portal can be reached",
    /a portal of another workspace is not found/,
    (call) => bearerOf(call) === foreignRootKey,
    (call) => ({
      headers: { ...call.headers, authorization: `Bearer ${rootKey}` },
    }),
  ),
  onCall(
    'a disabled portal can be used',
    /a disabled portal is refused/,
    (call) => bodyOf(call)['slug'] === disabledSlug,
    (call) => withBody(call, { slug }),
  ),
  onCall(
    'the Authorization scheme is case-sensitive',
    /scheme is case-insensitive/,
    (call) => String(call.headers['authorization']).startsWith('bearer'),
    (call) => ({
      headers: { ...call.headers, authorization: 'Basic x' },
    }),
  ),
  onCall(
    'a root key is treated as a session token',
    /a root key is not a portal session token/,
    (call) => is(get)(call) && bearerOf(call).startsWith('rk_'),
    (call) => ({
      headers: { ...call.headers, authorization: 'Bearer ps_no' },
    }),
  ),
];

/** A server that computes the tabs of getSession incorrectly. */
const tabs = (name: string, breaks: RegExp, draw: (actions: string[], tabs: string[]) => string[]) =>
  onReply(name, breaks, succeeds(get), (reply) => {
    const { permissions = [], tabs: right = [] } = envelope(reply).data as { permissions?: string[]; tabs?: string[] };
    return withData(reply, {
      tabs: draw(
        permissions.map((tuple) => String(tuple.split('.')[2])),
        right,
      ),
    });
  });

const permissions: Mutant[] = [
  ...['read_key', 'create_key', 'update_key', 'delete_key'].map((action) =>
    tabs(`${action} alone does not show the keys`, new RegExp(`the action ${action} shows`), (actions, right) =>
      actions.every((own) => own === action) ? right.filter((tab) => tab !== 'keys') : right,
    ),
  ),
  tabs('read_analytics does not show the analytics', /the action read_analytics shows/, (_, right) =>
    right.filter((tab) => tab !== 'analytics'),
  ),
  tabs('an unknown action shows the keys', /the action something_else shows/, (actions, right) =>
    actions.includes('something_else') ? ['keys', 'docs'] : right,
  ),
  tabs('the docs tab needs the keys tab', /the action read_analytics shows/, (_, right) =>
    right.includes('keys') ? right : right.filter((tab) => tab !== 'docs'),
  ),
  tabs('the tabs have another order', /default order of the tabs/, (_, right) => right.toReversed()),
  onReply('only the first permission is stored', /the requested user and permissions/, succeeds(get), (reply) =>
    withData(reply, { permissions: [envelope(reply).data?.['permissions']].flat().slice(0, 1) }),
  ),
  onReply('the externalId loses its last character', /the requested user and permissions/, succeeds(get), (reply) =>
    withData(reply, { externalId: `${envelope(reply).data?.['externalId']}`.slice(0, -1) }),
  ),
  onReply('the portal has another slug', /the requested user and permissions/, succeeds(get), (reply) =>
    withData(reply, { portal: { ...envelope(reply).data?.portal, slug: 'another' } }),
  ),
  ...(['locale', 'tab'] as const).map((name) =>
    onReply(`the ${name} is lost`, /the requested locale/, succeeds(get), (reply) =>
      withData(reply, { [name]: undefined }),
    ),
  ),
  onReply('every session has a tab', /the requested locale/, succeeds(get), (reply) =>
    withData(reply, { tab: envelope(reply).data?.['tab'] ?? 'docs' }),
  ),
  onReply('the locale is not in its canonical form', /the requested locale/, succeeds(get), (reply) => {
    const locale = envelope(reply).data?.['locale'];
    return withData(reply, { locale: typeof locale === 'string' ? locale.toLowerCase() : undefined });
  }),
  onReply('the preview flag is lost', /is a preview only if/, succeeds(get), (reply) =>
    withData(reply, { preview: false }),
  ),
  onReply('every session is a preview', /is a preview only if/, succeeds(get), (reply) =>
    withData(reply, { preview: true }),
  ),
];

/** A load balancer has no credential. */
const probes: Mutant[] = ['liveness', 'readiness'].map((operation) =>
  onReply(
    `${operation} needs a credential`,
    new RegExp(`^${operation} › `),
    (_, call) => call.operation === operation && call.headers['authorization'] === undefined,
    () => ({ status: 401 }),
  ),
);

/** All defects of access control. */
export const accessMutants = (world: MutantOptions): Mutant[] => [...tenants(world), ...permissions, ...probes];
