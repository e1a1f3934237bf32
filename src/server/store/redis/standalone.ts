import { type Connection, connectTo } from './connection.ts';
import type { RedisSettings } from './settings.ts';

/** Connects to the one Redis. */
export async function openStandalone(settings: RedisSettings): Promise<Connection> {
  const [node = { host: '127.0.0.1', port: 6379 }] = settings.nodes;
  const { client, ...connection } = await connectTo(node, settings);
  return {
    ...connection,
    commands: client,
    async probe() {
      await client.probe({});
    },
    primaryOf: () => node,
    primaries: () => [Promise.resolve(client)],
    nodes: async () => [node],
  };
}
