/**
 * The Sentinels name the primary, and a plain client sends commands to it. The Sentinel client of the package queues
 * commands while the primary is away, calls the Sentinels again and again, and then sends commands that no caller waits for.
 */
import { RESP_TYPES } from 'redis';
import { addressOf, type Connection, connectTo, replicasOf } from './connection.ts';
import type { Login, Node, RedisSettings } from './settings.ts';
import { deadline, StoreUnavailable } from './unavailable.ts';

/** The deadline for the reply of a Sentinel, in ms. */
const sentinelDeadlineMs = 800;

/** The primary according to one Sentinel. A greater epoch is newer. */
interface Opinion extends Node {
  epoch: number;
}

async function ask(sentinel: Node, name: string, settings: { login: Login; tls?: object }): Promise<Opinion> {
  const { client, destroy } = await connectTo(sentinel, settings);
  try {
    const typeMapping = { [RESP_TYPES.MAP]: Map };
    const reply = await client.sendCommand<Map<string, string>>(['SENTINEL', 'MASTER', name], { typeMapping });
    return { host: reply.get('ip') ?? '', port: Number(reply.get('port')), epoch: Number(reply.get('config-epoch')) };
  } finally {
    destroy();
  }
}

/** The primary according to the Sentinels that reply in time. */
async function findPrimary(
  sentinels: Node[],
  { name, login }: { name: string; login: Login },
  tls: object | undefined,
): Promise<Node> {
  const settings = { login, ...(tls && { tls }) };
  const asked = sentinels.map((sentinel) => deadline(ask(sentinel, name, settings), sentinelDeadlineMs));
  const answers = await Promise.allSettled(asked);
  const opinions = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value);
  const [latest] = opinions.sort((a, b) => b.epoch - a.epoch);
  if (latest !== undefined) return { host: latest.host, port: latest.port };
  const [first] = answers;
  throw new StoreUnavailable('No Sentinel names the primary', first?.status === 'rejected' ? first.reason : undefined);
}

/** Connects to the node that the Sentinels name as the primary. */
export async function openSentinel(settings: RedisSettings): Promise<Connection> {
  const sentinel = settings.sentinel ?? { name: '', login: {} };
  const primary = await findPrimary(settings.nodes, sentinel, settings.tls);
  const { client, ...connection } = await connectTo(primary, settings);
  // If the ACL forbids ROLE, the Sentinels decide.
  const [role] = await client.sendCommand<unknown[]>(['ROLE']).catch(() => ['master']);
  if (role !== 'master') {
    connection.destroy();
    throw new StoreUnavailable(`${addressOf(primary)} is not a primary, but the Sentinels name it as one`);
  }
  return {
    ...connection,
    commands: client,
    async probe() {
      await client.probe({});
    },
    primaryOf: () => primary,
    primaries: () => [Promise.resolve(client)],
    nodes: async () => [primary, ...(await replicasOf(client, primary))],
  };
}
