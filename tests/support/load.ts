/** Simulated users who keep using a server during a fault, and a record of its responses. */
import { call, type Reply, type Tenant } from './tenant.ts';

/** What the server acknowledged with a 200. */
interface Acknowledged {
  tenant: Tenant;
  sessionId: string;
  token: string;
  /** An API key of the session's user, if the load created one. */
  key?: string;
}

/** The responses so far. */
export interface Account {
  replies: Reply[];
  /** The responses of liveness, which does not use Redis. Their duration shows how busy the machine is. */
  control: Reply[];
  acknowledged: Acknowledged[];
}

/** A running load. */
export interface Load extends Account {
  /** Stops the load after the pending requests have a response. */
  stop(): Promise<Account>;
}

/** The pause after a failed request, as a real client does, in ms. */
const pauseMs = 20;

/** Runs this many users per tenant in a loop: create and exchange a session, read it, create a key, verify it. */
export function startLoad(url: string, tenants: Tenant[], usersPerTenant = 4): Load {
  const account: Account = { replies: [], control: [], acknowledged: [] };
  let stopped = false;

  async function record(...args: Parameters<typeof call>): Promise<Reply> {
    const reply = await call(...args);
    account.replies.push(reply);
    if (reply.status !== 200) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    return reply;
  }

  async function signIn(tenant: Tenant): Promise<void> {
    const created = await tenant.createSession(url);
    account.replies.push(created);
    if (created.status !== 200) return void (await new Promise((resolve) => setTimeout(resolve, pauseMs)));
    const sessionId = String(created.data['sessionId']);
    const exchanged = await record(url, 'portal.exchangeSession', '', { sessionId });
    if (exchanged.status !== 200) return;
    const granted: Acknowledged = { tenant, sessionId, token: String(exchanged.data['token']) };
    account.acknowledged.push(granted);
    await record(url, 'portal.getSession', granted.token, {});
    const made = await record(url, 'portal.createKey', granted.token, { apiId: tenant.apiId });
    if (made.status !== 200) return;
    granted.key = String(made.data['key']);
    await record(url, 'keys.verifyKey', tenant.rootKey, { key: granted.key });
  }

  const users = tenants.flatMap((tenant) =>
    Array.from({ length: usersPerTenant }, async () => {
      while (!stopped) await signIn(tenant);
    }),
  );
  const watcher = async () => {
    while (!stopped) {
      account.control.push(await call(url, 'liveness', '', undefined, {}, 'GET'));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const work = [...users, watcher()];
  return {
    ...account,
    async stop() {
      stopped = true;
      await Promise.all(work);
      return account;
    },
  };
}

/** Retries until the response is not a 503, for up to 30 s: the caller checks what is stored, not how fast. */
export async function callServed(...args: Parameters<typeof call>): Promise<Reply> {
  for (const giveUp = performance.now() + 30_000; ; ) {
    const reply = await call(...args);
    if (reply.status !== 503 || reply.broken !== undefined || reply.at > giveUp) return reply;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** What is lost of the acknowledged state: sessions that fail, ids that can be exchanged again, keys that are not valid. */
export async function lostOf({ acknowledged }: Account, url: string): Promise<string[]> {
  const lost: string[] = [];
  for (let i = 0; i < acknowledged.length; i += 20) {
    await Promise.all(
      acknowledged.slice(i, i + 20).map(async ({ tenant, sessionId, token, key }) => {
        const read = await callServed(url, 'portal.getSession', token, {});
        if (read.status !== 200) lost.push(`session: ${read.broken ?? read.status}`);
        const again = await callServed(url, 'portal.exchangeSession', '', { sessionId });
        // A repeated response with the same token is not a second session.
        if (again.status === 200 && again.data['token'] !== token) lost.push('an id was exchanged twice');
        if (key === undefined) return;
        const verified = await callServed(url, 'keys.verifyKey', tenant.rootKey, { key });
        if (verified.data['code'] !== 'VALID') lost.push(`key: ${verified.broken ?? JSON.stringify(verified.data)}`);
      }),
    );
  }
  return lost;
}
