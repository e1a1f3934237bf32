/** People who keep using a server while something is done to it, and an account of what they were told. */
import { call, type Reply, type Tenant } from '../support/tenant.ts';

/** What somebody holds a 200 for. */
interface Acknowledged {
  tenant: Tenant;
  sessionId: string;
  token: string;
  /** An API key of that session's user, where one was made. */
  key?: string;
}

/** What happened so far. */
export interface Account {
  replies: Reply[];
  /** The answers of liveness, which needs no Redis: how long they take is how busy the machine is. */
  control: Reply[];
  acknowledged: Acknowledged[];
}

/** Load that is under way. */
export interface Load extends Account {
  /** Ends it, once what is under way is answered. */
  stop(): Promise<Account>;
}

/** After a refusal it waits a moment, as clients do. */
const pauseMs = 20;

/** Has so many people sign in at each tenant, over and over: mint, exchange, read, make a key, verify it. */
export function startLoad(url: string, tenants: Tenant[], peoplePerTenant = 4): Load {
  const account: Account = { replies: [], control: [], acknowledged: [] };
  let stopped = false;

  async function ask(...args: Parameters<typeof call>): Promise<Reply> {
    const reply = await call(...args);
    account.replies.push(reply);
    if (reply.status !== 200) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    return reply;
  }

  async function signIn(tenant: Tenant): Promise<void> {
    const minted = await tenant.mint(url);
    account.replies.push(minted);
    if (minted.status !== 200) return void (await new Promise((resolve) => setTimeout(resolve, pauseMs)));
    const sessionId = String(minted.data['sessionId']);
    const exchanged = await ask(url, 'portal.exchangeSession', '', { sessionId });
    if (exchanged.status !== 200) return;
    const holds: Acknowledged = { tenant, sessionId, token: String(exchanged.data['token']) };
    account.acknowledged.push(holds);
    await ask(url, 'portal.getSession', holds.token, {});
    const made = await ask(url, 'portal.createKey', holds.token, { apiId: tenant.apiId });
    if (made.status !== 200) return;
    holds.key = String(made.data['key']);
    await ask(url, 'keys.verifyKey', tenant.rootKey, { key: holds.key });
  }

  const people = tenants.flatMap((tenant) =>
    Array.from({ length: peoplePerTenant }, async () => {
      while (!stopped) await signIn(tenant);
    }),
  );
  const watcher = async () => {
    while (!stopped) {
      account.control.push(await call(url, 'liveness', '', undefined, {}, 'GET'));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const work = [...people, watcher()];
  return {
    ...account,
    async stop() {
      stopped = true;
      await Promise.all(work);
      return account;
    },
  };
}

/** Calls until the answer is not a 503 any more: the question here is what is stored, not how soon. */
async function callServed(...args: Parameters<typeof call>): Promise<Reply> {
  for (const giveUp = performance.now() + 30_000; ; ) {
    const reply = await call(...args);
    if (reply.status !== 503 || reply.broken !== undefined || reply.at > giveUp) return reply;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** What of an account does not hold any more: sessions that do not answer, ids that can be used again, keys that are gone. */
export async function lostOf({ acknowledged }: Account, url: string): Promise<string[]> {
  const lost: string[] = [];
  for (let i = 0; i < acknowledged.length; i += 20) {
    await Promise.all(
      acknowledged.slice(i, i + 20).map(async ({ tenant, sessionId, token, key }) => {
        const read = await callServed(url, 'portal.getSession', token, {});
        if (read.status !== 200) lost.push(`session: ${read.broken ?? read.status}`);
        const again = await callServed(url, 'portal.exchangeSession', '', { sessionId });
        // To be told the same once more is no second session.
        if (again.status === 200 && again.data['token'] !== token) lost.push('an id was exchanged twice');
        if (key === undefined) return;
        const verified = await callServed(url, 'keys.verifyKey', tenant.rootKey, { key });
        if (verified.data['code'] !== 'VALID') lost.push(`key: ${verified.broken ?? JSON.stringify(verified.data)}`);
      }),
    );
  }
  return lost;
}
