/** Flows of the host names of portals: whose a name is, and where a session works. */

import type { Flow } from '../engine/check.ts';
import { newHostname, newId } from '../engine/ids.ts';
import { callWithRootKey } from '../engine/root-key-steps.ts';
import { send } from '../engine/send.ts';
import { cookiesOf, createSession, dataOf, exchangeSession, urlIn } from '../engine/session-steps.ts';
import { Unavailable } from '../engine/target.ts';
import type { Trial } from '../engine/trial.ts';

interface Portal {
  portalId: string;
  slug: string;
  version: number;
  hostname?: string;
}

const taken = { status: 409, error: 'unkey/data/portal_hostname_taken' };
const wrongHost = { status: 403, error: 'unkey/authorization/wrong_host' };
const at = (hostname: string | undefined): { headers: Record<string, string> } => ({
  headers: hostname === undefined ? {} : { Host: hostname },
});

const createPortal = async (trial: Trial, hostname?: string): Promise<Portal> =>
  dataOf(
    await callWithRootKey(trial, 'portal.createConfiguration', {
      slug: `portal-${newId()}`,
      ...(hostname !== undefined && { hostname }),
    }),
  );

/**
 * Requires that requests with any `Host` reach the target: a proxy may accept its own names only. The name that it asks with is no portal's,
 * also not later, because a server may remember that.
 *
 * @throws Unavailable
 */
async function requireHosts(trial: Trial): Promise<void> {
  const operation = { method: 'get', path: '/v2/liveness' };
  const reply = await send(trial.target.baseUrl, operation, at(newHostname())).catch(() => undefined);
  const { meta } = (reply?.body ?? {}) as { meta?: unknown };
  if (reply?.status !== 200 || meta === undefined)
    throw new Unavailable('requests with the host name of a portal do not reach the target');
}

/** Signs in at a host. */
async function signInAt(trial: Trial, slug: string, hostname: string | undefined) {
  const { created } = await createSession(trial, { slug });
  return exchangeSession(trial, created.sessionId, at(hostname));
}

/** Requires that a session works, or does not, as a bearer token and as a cookie. */
async function expectAt(trial: Trial, token: string, hostname: string | undefined, promised: object): Promise<void> {
  for (const credential of [{ authorization: `Bearer ${token}` }, { cookie: token }])
    await trial.call('portal.getSession', { ...credential, ...at(hostname) }, { status: 200, ...promised });
}

export default [
  {
    operation: 'portal.createConfiguration',
    name: 'a host name belongs to one portal of all workspaces, and is free again when that portal is deleted',
    async run(trial) {
      const { rootKey } = await trial.arrange('foreignRootKey');
      const hostname = newHostname();
      const { portalId } = await createPortal(trial, hostname);
      const request = { authorization: `Bearer ${rootKey}`, body: { slug: `portal-${newId()}`, hostname } };
      await trial.call('portal.createConfiguration', request, taken);
      await callWithRootKey(trial, 'portal.deleteConfiguration', { portal: portalId });
      await trial.call('portal.createConfiguration', request, { status: 200 });
      const again = { slug: `portal-${newId()}`, hostname };
      await callWithRootKey(trial, 'portal.createConfiguration', again, taken);
    },
  },
  {
    operation: 'portal.updateConfiguration',
    name: 'only one of many portals of two workspaces that want a host name at once gets it',
    async run(trial) {
      const hostname = newHostname();
      const rootKeys = [await trial.arrange('portal'), await trial.arrange('foreignRootKey')].map(
        ({ rootKey }) => `Bearer ${rootKey}`,
      );
      const wanting: { authorization: string; portal: string; version: number }[] = [];
      for (const authorization of [...rootKeys, ...rootKeys, ...rootKeys]) {
        const request = { authorization, body: { slug: `portal-${newId()}` } };
        const { portalId, version } = dataOf<Portal>(
          await trial.call('portal.createConfiguration', request, { status: 200 }),
        );
        wanting.push({ authorization, portal: portalId, version });
      }
      const replies = await Promise.all(
        wanting.map(({ authorization, ...change }) =>
          trial.attempt('portal.updateConfiguration', { authorization, body: { ...change, hostname } }),
        ),
      );
      const statuses = replies.map(({ status }) => status).sort();
      trial.assert(statuses.join() === [200, ...Array(5).fill(409)].join(), `one 200 and five 409, not ${statuses}`);
      for (const [i, { authorization, portal }] of wanting.entries()) {
        const request = { authorization, body: { portal } };
        const read = await trial.call('portal.getConfiguration', request, { status: 200 });
        const expected = replies[i]?.status === 200 ? hostname : undefined;
        const found = dataOf<Portal>(read).hostname;
        trial.assert(found === expected, `the portal has the host name ${expected}, not ${found}`);
      }
    },
  },
  {
    operation: 'portal.updateConfiguration',
    name: 'a portal that takes another host name gives up the old one, and its links lead to the new one',
    async run(trial) {
      const [old, next] = [newHostname(), newHostname()];
      const { portalId: portal, slug, version } = await createPortal(trial, old);
      await callWithRootKey(trial, 'portal.updateConfiguration', { portal, version, hostname: next });
      const there = urlIn(trial, (await createSession(trial, { slug })).created.url).hostname;
      trial.assert(there === next, `the link leads to ${next}, not to ${there}`);
      const wish = (hostname: string) => ({ slug: `portal-${newId()}`, hostname });
      await callWithRootKey(trial, 'portal.createConfiguration', wish(next), taken);
      await callWithRootKey(trial, 'portal.createConfiguration', wish(old));
    },
  },
  {
    operation: 'portal.exchangeSession',
    name: 'a session of a portal with a host name works at that host only, and so does its cookie',
    async run(trial) {
      await requireHosts(trial);
      const [hostname, other] = [newHostname(), newHostname()];
      const { slug } = await createPortal(trial, hostname);
      await createPortal(trial, other);
      const { created } = await createSession(trial, { slug });
      const exchange = { body: { sessionId: created.sessionId } };
      for (const wrong of [undefined, other])
        await trial.call('portal.exchangeSession', { ...exchange, ...at(wrong) }, wrongHost);
      // What was refused is not used up.
      const { token, response } = await exchangeSession(trial, created.sessionId, at(hostname));
      const withDomain = cookiesOf(response).filter((line) => /;\s*domain\s*=/i.test(line));
      trial.assert(withDomain.length === 0, 'the cookie has no Domain, so that no other host gets it');
      await expectAt(trial, token, hostname, {});
      for (const wrong of [undefined, other]) await expectAt(trial, token, wrong, wrongHost);
    },
  },
  {
    operation: 'portal.exchangeSession',
    name: 'a session of a portal without a host name does not work at the host of another portal',
    async run(trial) {
      await requireHosts(trial);
      const other = newHostname();
      await createPortal(trial, other);
      const { slug } = await createPortal(trial);
      const { created } = await createSession(trial, { slug });
      const exchange = { body: { sessionId: created.sessionId } };
      await trial.call('portal.exchangeSession', { ...exchange, ...at(other) }, wrongHost);
      const { token } = await signInAt(trial, slug, undefined);
      await expectAt(trial, token, other, wrongHost);
      await expectAt(trial, token, undefined, {});
    },
  },
] satisfies Flow[];
