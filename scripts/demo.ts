/**
 * The main job, start to end: a Redis, a workspace, a root key, a portal, the server, and a session minted through the
 * HTTP API; and beside them a customer's API, whose keys the portal hands out and whose documentation it shows. What it makes
 * is kept under .portico/, and used again by the next run.
 */
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { Portico } from '../clients/typescript/src/index.ts';
import { freePort } from '../contract-tests/targets/free-port.ts';
import { ConfigError, readConfig } from '../src/server/config/index.ts';
import { startRedis } from '../tests/support/redis.ts';
import { portico as runPortico, startServer } from '../tests/support/server.ts';
import { MissingBinary } from '../tests/support/system-binary.ts';
import { BuildFailed, buildIfStale } from './builds/if-stale.ts';
import { startSampleApi } from './sample-api.ts';

/** What the demo has made, and uses again. Holds a root key, so it is readable by its owner alone. */
interface Made {
  workspaceId: string;
  rootKey: string;
}

const directory = join(import.meta.dirname, '../.portico');
const madeFile = join(directory, 'demo.json');
const lockFile = join(directory, 'demo.pid');
const slug = 'my-portal';
/** What to undo at the end, in the order it was done. */
const cleanUp: (() => Promise<unknown>)[] = [];
const say = (line = '') => process.stdout.write(`${line}\n`);

/** A sentence for the person who runs the demo, without a stack. */
class DemoError extends Error {}

async function lock(): Promise<void> {
  await mkdir(directory, { recursive: true });
  const pid = Number(await readFile(lockFile, 'utf8').catch(() => 0));
  if (pid > 0) {
    try {
      process.kill(pid, 0);
    } catch {
      await rm(lockFile, { force: true });
    }
  }
  await writeFile(lockFile, String(process.pid), { flag: 'wx' }).catch(() => {
    throw new DemoError(
      `The demo is running already, as process ${pid}. Stop it with Ctrl-C there, or \`kill ${pid}\`.`,
    );
  });
}

async function isTaken(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function choosePort(): Promise<number> {
  if (process.env['PORT']) return Number(process.env['PORT']);
  if (!(await isTaken(3000))) return 3000;
  const port = await freePort();
  say(`Port 3000 is taken, so this is on ${port}. Set PORT to choose one.`);
  return port;
}

/** Runs one command of the command line. */
const portico = <T>(redisUrl: string, ...args: string[]): Promise<T> =>
  runPortico<T>(redisUrl, ...args).catch((error: Error & { stderr?: string }) => {
    throw new DemoError(error.stderr?.trim() || error.message);
  });

/** Makes the workspace, its root key and the portal, or finds them as an earlier run made them. */
async function provision(redisUrl: string): Promise<Made> {
  const made: Made | undefined = await readFile(madeFile, 'utf8').then(JSON.parse, () => undefined);
  const workspaces = await portico<{ workspaceId: string }[]>(redisUrl, 'workspace', 'list');
  if (made !== undefined && workspaces.some(({ workspaceId }) => workspaceId === made.workspaceId)) {
    say(`Found the workspace ${made.workspaceId}, its root key and the portal "${slug}" from an earlier run.`);
    return made;
  }
  const { workspaceId, rootKey } = await portico<Made>(redisUrl, 'workspace', 'create', '--name', 'Acme');
  await portico(redisUrl, 'portal', 'create', '--workspace', workspaceId, '--slug', slug, '--name', 'Acme');
  await writeFile(madeFile, JSON.stringify({ workspaceId, rootKey }), { mode: 0o600 });
  say(`Made the workspace ${workspaceId}, a root key and the portal "${slug}".`);
  return { workspaceId, rootKey };
}

/** The one API of the portal, which an earlier run may have made. */
async function provideApi(portico: Portico): Promise<string> {
  const { apiId } = await portico.apis.createApi({ name: 'Acme API', prefix: 'acme' });
  say(`Made the API ${apiId}, whose keys the portal hands out.`);
  return apiId;
}

/** Has the portal hand out keys of its API, and show the documentation of it, which is at another port each time. */
async function furnishPortal(portico: Portico, openapiUrl: string): Promise<string> {
  const { version, apiIds } = await portico.portal.getConfiguration({ portal: slug });
  const apiId = apiIds[0] ?? (await provideApi(portico));
  await portico.portal.updateConfiguration({ portal: slug, version, apiIds: [apiId], openapiUrl });
  return apiId;
}

async function main(): Promise<void> {
  readConfig();
  await lock();
  const redis = process.env['REDIS_URL'] ? undefined : await startRedis({ directory: join(directory, 'redis') });
  if (redis !== undefined) cleanUp.push(() => redis.stop());
  const redisUrl = redis?.url ?? String(process.env['REDIS_URL']);
  say(redis === undefined ? 'Using the Redis of REDIS_URL.' : `Started Redis on ${redisUrl}, data in .portico/redis.`);

  const { rootKey } = await provision(redisUrl);
  await buildIfStale();
  const port = await choosePort();
  const base = process.env['PORTAL_BASE_URL'] || `http://localhost:${port}`;
  const settings = {
    REDIS_URL: redisUrl,
    PORT: String(port),
    PORTAL_BASE_URL: base,
    OPENAPI_ALLOW_PRIVATE: 'true',
    DOCS_BASE_URL: `${base}/docs`,
  };
  const server = await startServer(settings).catch((error: Error) => {
    throw new DemoError(error.message);
  });
  cleanUp.push(() => server.stop());
  say(`Started the server on http://localhost:${port}.`);

  const backend = new Portico({ baseUrl: `http://localhost:${port}`, rootKey });
  const api = await startSampleApi();
  cleanUp.push(() => api.stop());
  const apiId = await furnishPortal(backend, api.openapiUrl);
  api.verifyWith(backend, apiId);
  say(`Started a customer's API on ${api.url}, which asks Portico about each key it is called with.`);
  const body = {
    slug,
    externalId: 'user_123',
    permissions: ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map((may) => `api.*.${may}`),
  };
  const { url } = await backend.portal.createSession(body);

  say(`
Minted a session for user_123. Your backend would do it like this:

  curl -X POST http://localhost:${port}/v2/portal.createSession \\
    -H 'Authorization: Bearer ${rootKey}' \\
    -H 'Content-Type: application/json' \\
    -d '${JSON.stringify(body)}'

and redirect the user to the url it returns. Open it, once, within 15 minutes:

  ${url}

The portal's page then does this, and keeps the token as a cookie:

  curl -X POST http://localhost:${port}/v2/portal.exchangeSession \\
    -H 'Content-Type: application/json' \\
    -d '{"sessionId":"<the id from a fresh link>"}'

Who is signed in, with that token:

  curl -X POST http://localhost:${port}/v2/portal.getSession \\
    -H 'Authorization: Bearer <token>'

With it the user makes a key, and calls your API, which asks Portico about it:

  curl -X POST http://localhost:${port}/v2/portal.createKey \\
    -H 'Authorization: Bearer <token>' -H 'Content-Type: application/json' \\
    -d '{"apiId":"${apiId}","name":"First key"}'

  curl ${api.url}/v1/projects -H 'Authorization: Bearer <key>'

  curl -X POST http://localhost:${port}/v2/keys.verifyKey \\
    -H 'Authorization: Bearer ${rootKey}' -H 'Content-Type: application/json' \\
    -d '{"key":"<key>","apiId":"${apiId}"}'

The documentation for integrators, with a page for each operation and each error:

  ${base}/docs

Serving until Ctrl-C.`);
}

const stop = async (exitCode: number) => {
  for (const undo of cleanUp.reverse()) await undo();
  process.exit(exitCode);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(0));

try {
  await main();
} catch (error) {
  const isExpected = [DemoError, MissingBinary, ConfigError, BuildFailed].some((type) => error instanceof type);
  process.stderr.write(`${isExpected ? (error as Error).message : (error as Error).stack}\n`);
  await stop(1);
}
