/** Defects of the host names of portals. */
import {
  bearerOf,
  bodyOf,
  cookieOf,
  envelope,
  failsWith,
  type Mutant,
  type MutantOptions,
  onCall,
  onReply,
  succeeds,
  withData,
  withHeaders,
} from './mutant.ts';
import type { Call, Defect, Reply } from './proxy.ts';

const create = 'portal.createConfiguration';
const update = 'portal.updateConfiguration';
const remove = 'portal.deleteConfiguration';
const link = 'portal.createSession';
const exchange = 'portal.exchangeSession';
const isTaken = failsWith('portal_hostname_taken');
const stateful = (name: string, breaks: RegExp, createDefect: () => Defect): Mutant => ({ name, breaks, createDefect });

const bodyTexts = (call: Call) => bodyOf(call) as Record<string, string | undefined>;
const isAtPortal = ({ headers }: Call) => String(headers['host']).endsWith('.acme.example');
const tokenOf = (call: Call) =>
  bearerOf(call) || (/portal_session=([^;]+)/.exec(String(call.headers['cookie']))?.[1] ?? '');
const success = (reply: Reply): Partial<Reply> => ({ status: 200, body: { ...envelope(reply) } });
const leadingTo = (reply: Reply, hostname: string) =>
  withData(reply, { url: String(envelope(reply).data?.['url']).replace(/\/\/[^/:?]+/, `//${hostname}`) });

/** Takes the host name of the portal for that of the request. */
function atAnyHost(): Defect {
  /** The host names of portals by slug, of their session ids, and of their tokens. */
  const hosts = new Map<string, string>();
  return {
    onCall(call, forward) {
      const host = hosts.get(bodyTexts(call)['sessionId'] ?? tokenOf(call));
      return host === undefined ? undefined : forward({ ...call, headers: { ...call.headers, host } });
    },
    onReply(reply, call) {
      const { slug = '', sessionId = '', hostname } = bodyTexts(call);
      const learn = (name: unknown, host: string | undefined) => host !== undefined && hosts.set(String(name), host);
      const { data } = envelope(reply);
      if (succeeds(create)(reply, call)) learn(slug, hostname);
      if (succeeds(link)(reply, call)) learn(data?.['sessionId'], hosts.get(slug));
      if (succeeds(exchange)(reply, call)) learn(data?.['token'], hosts.get(sessionId));
      return reply;
    },
  };
}

/** A host name that a portal has had stays taken, although this operation has freed it. */
function neverFreedBy(operation: string): Defect {
  const names = new Map<string, string>();
  const stale = new Set<string>();
  let refusal: Reply | undefined;
  return {
    onReply(reply, call) {
      const { hostname, portal = '' } = bodyTexts(call);
      const { data, meta } = envelope(reply);
      if (isTaken(reply)) refusal = reply;
      const had = names.get(portal);
      if (succeeds(operation)(reply, call) && had !== undefined) stale.add(had);
      if (!succeeds(create)(reply, call) || hostname === undefined) return reply;
      if (refusal !== undefined && stale.has(hostname)) return { ...refusal, body: { ...envelope(refusal), meta } };
      names.set(String(data?.['portalId']), hostname);
      return reply;
    },
  };
}

/** Links lead to the host name that a portal had when it was created. */
function linksToFirstHost(): Defect {
  const hosts = new Map<string, string>();
  return {
    onReply(reply, call) {
      const { slug = '', hostname } = bodyTexts(call);
      if (succeeds(create)(reply, call) && hostname !== undefined) hosts.set(slug, hostname);
      const first = hosts.get(slug);
      return succeeds(link)(reply, call) && first !== undefined ? { ...reply, ...leadingTo(reply, first) } : reply;
    },
  };
}

export const hostnameMutants = ({ foreignRootKey }: MutantOptions): Mutant[] => [
  onReply(
    'a host name is taken in its own workspace only',
    /one portal of all workspaces/,
    (reply, call) => isTaken(reply) && call.operation === create && bearerOf(call) === foreignRootKey,
    success,
  ),
  onReply(
    'portals that want a host name at once all get it',
    /many portals of two workspaces/,
    (reply, call) => isTaken(reply) && call.operation === update,
    success,
  ),
  stateful('the host name of a deleted portal stays taken', /free again when that portal is deleted/, () =>
    neverFreedBy(remove),
  ),
  stateful('the host name that a portal has given up stays taken', /gives up the old one/, () => neverFreedBy(update)),
  stateful('links lead to the first host name of a portal', /its links lead to the new one/, linksToFirstHost),
  onReply(
    'the link of a portal leads to the host of another one',
    /the link of a portal with a host name leads there/,
    (reply, call) =>
      succeeds(link)(reply, call) && /\/\/[^/]*\.acme\.example/.test(String(envelope(reply).data?.['url'])),
    (reply) => leadingTo(reply, 'another.acme.example'),
  ),
  stateful('a session of a portal with a host name works at every host', /works at that host only/, atAnyHost),
  onCall(
    'a session of a portal without a host name works at the host of another portal',
    /does not work at the host of another portal/,
    isAtPortal,
    ({ headers: { host: _, ...headers } }) => ({ headers }),
  ),
  onReply(
    'the cookie of a portal is for the domain of its host',
    /works at that host only, and so does its cookie/,
    (reply, call) => isAtPortal(call) && succeeds(exchange)(reply, call),
    (reply) => withHeaders(reply, { 'set-cookie': `${cookieOf(reply)}; Domain=acme.example` }),
  ),
];
