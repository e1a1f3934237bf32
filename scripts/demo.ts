/**
 * `npm run demo`: starts Redis and the server, creates a workspace, a root key, a portal and a session, and starts a sample
 * API whose keys and documentation the portal shows. The data is stored in .portico/, and the next run uses it again.
 */
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { Portico } from '../clients/typescript/src/index.ts';
import { freePort } from '../contract-tests/targets/free-port.ts';
import { ConfigError, readConfig } from '../src/server/config/index.ts';
import { startRedis } from '../tests/support/redis.ts';
import { portico as runPortico, startServer } from '../tests/support/server.ts';
import { MissingBinary } from '../tests/support/system-binary.ts';
import { BuildFailed, buildIfStale } from './freshness/if-stale.ts';
import { takeLock } from './lock.ts';
import { startSampleApi } from './sample-api.ts';

/** What an earlier run has created. It contains a root key, so only its owner can read the file. */
interface Provisioned {
  workspaceId: string;
  rootKey: string;
}

const directory = join(import.meta.dirname, '../.portico');
const madeFile = join(directory, 'demo.json');
const slug = 'my-portal';
/** What to stop at the end, in the order of the start. */
const cleanUp: (() => Promise<unknown>)[] = [];
const say = (line = '') => process.stdout.write(`${line}\n`);

/** An error whose message is printed without a stack trace. */
class DemoError extends Error {}

async function lock(): Promise<void> {
  await mkdir(directory, { recursive: true });
  const holder = await takeLock(join(directory, 'demo.lock'));
  if (holder === undefined) return;
  throw new DemoError(
    `The demo is already running as process ${holder}. Stop it with Ctrl-C there, or \`kill ${holder}\`.`,
  );
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
  say(`Port 3000 is in use, so the demo uses ${port}. Set PORT to choose another port.`);
  return port;
}

/** Runs one command of the command line. */
const portico = <T>(redisUrl: string, ...args: string[]): Promise<T> =>
  runPortico<T>(redisUrl, ...args).catch((error: Error & { stderr?: string }) => {
    throw new DemoError(error.stderr?.trim() || error.message);
  });

/** Creates the workspace, its root key and the portal, or uses those of an earlier run. */
async function provision(redisUrl: string): Promise<Provisioned> {
  const made: Provisioned | undefined = await readFile(madeFile, 'utf8').then(JSON.parse, () => undefined);
  const workspaces = await portico<{ workspaceId: string }[]>(redisUrl, 'workspace', 'list');
  if (made !== undefined && workspaces.some(({ workspaceId }) => workspaceId === made.workspaceId)) {
    say(`Found the workspace ${made.workspaceId}, its root key and the portal "${slug}" from an earlier run.`);
    return made;
  }
  const { workspaceId, rootKey } = await portico<Provisioned>(redisUrl, 'workspace', 'create', '--name', 'Acme');
  await portico(redisUrl, 'portal', 'create', '--workspace', workspaceId, '--slug', slug, '--name', 'Acme');
  await writeFile(madeFile, JSON.stringify({ workspaceId, rootKey }), { mode: 0o600 });
  say(`Created the workspace ${workspaceId}, a root key and the portal "${slug}".`);
  return { workspaceId, rootKey };
}

/** Creates the API of the portal. */
async function provideApi(portico: Portico): Promise<string> {
  const { apiId } = await portico.apis.createApi({ name: 'Acme API', prefix: 'acme' });
  say(`Created the API ${apiId}, whose keys the portal shows.`);
  return apiId;
}

/** Connects the portal with its API and the documentation of the API, whose port is another one in each run. */
async function configurePortal(portico: Portico, openapiUrl: string): Promise<string> {
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
  const apiId = await configurePortal(backend, api.openapiUrl);
  api.verifyWith(backend, apiId);
  say(`Started a customer's API on ${api.url}, which verifies each key with Portico.`);
  const body = {
    slug,
    externalId: 'user_123',
    permissions: ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'].map((may) => `api.*.${may}`),
  };
  const { url } = await backend.portal.createSession(body);

  say(`
Created a session for user_123. Your backend does this:

  curl -X POST http://localhost:${port}/v2/portal.createSession \\
    -H 'Authorization: Bearer ${rootKey}' \\
    -H 'Content-Type: application/json' \\
    -d '${JSON.stringify(body)}'

and redirects the user to the url in the response. Open it once, within 15 minutes:

  ${url}

The page of the portal then does this, and stores the token in a cookie:

  curl -X POST http://localhost:${port}/v2/portal.exchangeSession \\
    -H 'Content-Type: application/json' \\
    -d '{"sessionId":"<the id from a fresh link>"}'

Get the session of that token:

  curl -X POST http://localhost:${port}/v2/portal.getSession \\
    -H 'Authorization: Bearer <token>'

The user creates a key and calls your API, which verifies the key with Portico:

  curl -X POST http://localhost:${port}/v2/portal.createKey \\
    -H 'Authorization: Bearer <token>' -H 'Content-Type: application/json' \\
    -d '{"apiId":"${apiId}","name":"First key"}'

  curl ${api.url}/v1/projects -H 'Authorization: Bearer <key>'

  curl -X POST http://localhost:${port}/v2/keys.verifyKey \\
    -H 'Authorization: Bearer ${rootKey}' -H 'Content-Type: application/json' \\
    -d '{"key":"<key>","apiId":"${apiId}"}'

The documentation, with a page for each operation and each error:

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
