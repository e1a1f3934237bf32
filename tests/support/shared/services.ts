/**
 * What the tests of one run share: one Redis, one server for each set of settings, and the command line, so that a command
 * does not start Node. Everything starts at its first use.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { freePort } from '../../../contract-tests/targets/free-port.ts';
import { type CommandOutcome, runCommand } from '../run-command.ts';
import { noteIssuedBy } from '../secrets/record.ts';
import type { LocalServer } from '../server.ts';
import { startTargetRedis, type TargetRedis } from '../target-redis.ts';
import type { CommandRequest, SharedRedis, SharedServer } from './client.ts';

/** Caches the result of the first call for each argument. */
function memoized<A, R>(make: (argument: A) => Promise<R>): { get(argument: A): Promise<R>; all(): Promise<R>[] } {
  const made = new Map<string, Promise<R>>();
  return {
    get(argument) {
      const key = JSON.stringify(argument) ?? '';
      const result = made.get(key) ?? make(argument);
      made.set(key, result);
      return result;
    },
    all: () => [...made.values()],
  };
}

let queue = Promise.resolve<unknown>(undefined);

/** Runs a command. Commands run one after another, because they share the environment and the output of the process. */
function runInTurn({ env, args }: CommandRequest): Promise<CommandOutcome> {
  const outcome = queue.then(() => runCommand(env, ...args));
  queue = outcome.then(({ stdout }) => noteIssuedBy(stdout)).catch(() => {});
  return outcome;
}

/** The running services. */
export interface Services {
  /** Where `client.ts` calls them. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the services.
 *
 * @param startServer starts a server with these settings
 */
export async function startServices(
  startServer: (env: Record<string, string>) => Promise<LocalServer>,
): Promise<Services> {
  const redis = memoized<undefined, TargetRedis>(startTargetRedis);
  const servers = memoized<Record<string, string>, LocalServer>(async (env) => {
    const { env: redisEnv } = await redis.get(undefined);
    // The port must be known before the start, because the server's responses contain its address.
    return startServer({ PORT: String(await freePort()), ...redisEnv, ...env });
  });

  /** The handler of each path. Its argument is the JSON body. */
  const handlers: Record<string, (request: never) => Promise<unknown>> = {
    async '/redis'(): Promise<SharedRedis> {
      const { url, env } = await redis.get(undefined);
      return { url, env };
    },
    async '/server'(env: Record<string, string>): Promise<SharedServer> {
      const { url, port } = await servers.get(env);
      return { url, port };
    },
    '/command': runInTurn,
  };

  async function serve(req: IncomingMessage): Promise<unknown> {
    const handler = handlers[String(req.url)];
    if (handler === undefined) throw new Error(`nothing is at ${req.url}`);
    return handler(JSON.parse((await text(req)) || '{}') as never);
  }

  const control = createServer((req, res) => {
    serve(req).then(
      (result) => res.end(JSON.stringify(result)),
      (error: Error) => res.writeHead(500).end(error.stack),
    );
  });
  // A connection that this closes while a test sends on it would fail the test.
  control.keepAliveTimeout = 0;
  control.listen(0, '127.0.0.1');
  await once(control, 'listening');
  return {
    url: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
    async stop() {
      control.close();
      control.closeAllConnections();
      await Promise.allSettled(servers.all().map(async (server) => (await server).stop()));
      await Promise.allSettled(redis.all().map(async (started) => (await started).stop()));
    },
  };
}
