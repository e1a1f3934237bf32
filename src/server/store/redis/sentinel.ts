/**
 * Which node is the primary, the Sentinels know; what is asked goes to it over a plain client. The package's own Sentinel
 * client keeps what it is asked while the primary is away, asks the Sentinels over and over for as long, and then sends what
 * nobody waits for any more.
 */
import { RESP_TYPES } from 'redis';
import { addressOf, type Connection, connectTo, replicasOf } from './connection.ts';
import type { Login, Node, RedisSettings } from './settings.ts';
import { deadline, StoreUnavailable } from './unavailable.ts';

/** How long a Sentinel may take to answer, in ms. */
const sentinelDeadlineMs = 800;

/** What one Sentinel says of the primary. The greater epoch is the later knowledge. */
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

/** The primary, as those Sentinels know it that answer in time. */
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
  // Where it may not be asked, the Sentinels are believed.
  const [role] = await client.sendCommand<unknown[]>(['ROLE']).catch(() => ['master']);
  if (role !== 'master') {
    connection.destroy();
    throw new StoreUnavailable(`${addressOf(primary)} is not the primary that the Sentinels take it for`);
  }
  return {
    ...connection,
    commands: client,
    async probe() {
      await client.probe({});
    },
    nodes: async () => [primary, ...(await replicasOf(client, primary))],
  };
}
