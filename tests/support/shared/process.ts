/**
 * The process that the tests of one run share. It has one Redis, one server for each set of settings, and the command
 * line, so that a command does not start Node. Everything starts at its first use.
 *
 * `setup.ts` starts this process and `client.ts` calls it. It ends with the process that started it.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { freePort } from '../../../contract-tests/targets/free-port.ts';
import '../patient-redis.ts';
import { type CommandOutcome, runCommand } from '../run-command.ts';
import { type LocalServer, startPatientServer } from '../server.ts';
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

const redis = memoized<undefined, TargetRedis>(startTargetRedis);
const servers = memoized<Record<string, string>, LocalServer>(async (env) => {
  const { env: redisEnv } = await redis.get(undefined);
  // The port must be known before the start, because the server's responses contain its address.
  return startPatientServer({ PORT: String(await freePort()), ...redisEnv, ...env });
});

let queue = Promise.resolve<unknown>(undefined);

/** The handler of each path. Its argument is the JSON body. */
const services: Record<string, (request: never) => Promise<unknown>> = {
  async '/redis'(): Promise<SharedRedis> {
    const { url, env } = await redis.get(undefined);
    return { url, env };
  },
  async '/server'(env: Record<string, string>): Promise<SharedServer> {
    const { url, port } = await servers.get(env);
    return { url, port };
  },
  async '/command'(request: CommandRequest): Promise<CommandOutcome> {
    // Commands run one after another, because they share the environment and the output of this process.
    const outcome = queue.then(() => runCommand(request.env, ...request.args));
    queue = outcome.catch(() => {});
    return outcome;
  },
};

async function serve(req: IncomingMessage): Promise<unknown> {
  const service = services[String(req.url)];
  if (service === undefined) throw new Error(`nothing is at ${req.url}`);
  return service(JSON.parse((await text(req)) || '{}') as never);
}

const control = createServer((req, res) => {
  serve(req).then(
    (result) => res.end(JSON.stringify(result)),
    (error: Error) => res.writeHead(500).end(error.stack),
  );
});
control.listen(0, '127.0.0.1');
await once(control, 'listening');
process.send?.(`http://127.0.0.1:${(control.address() as AddressInfo).port}`);

process.once('disconnect', async () => {
  control.close();
  control.closeAllConnections();
  await Promise.allSettled(servers.all().map(async (server) => (await server).stop()));
  await Promise.allSettled(redis.all().map(async (started) => (await started).stop()));
  process.exit();
});
