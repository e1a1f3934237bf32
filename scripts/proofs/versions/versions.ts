/** What two versions do to one Redis. */
import { createClient, RESP_TYPES } from 'redis';
import { keys } from '../../../src/server/store/keys.ts';
import { tell, until } from '../../../tests/support/redis.ts';
import { type LocalServer, porticoText, startServer } from '../../../tests/support/server.ts';
import { call } from '../../../tests/support/tenant.ts';
import type { OldCall } from './old-calls.ts';

/** A sentence of the promise, and whether it held. */
export interface Point {
  held: boolean;
  sentence: string;
}

/** Why a server does not start on this Redis, or undefined if it does. */
export async function refusalOf(redisUrl: string, preload: string[] = []): Promise<string | undefined> {
  const env = { REDIS_URL: redisUrl, REDIS_MODE: 'standalone', PORT: '0', HOST: '127.0.0.1', METRICS_PORT: '' };
  try {
    const server = await startServer(env, { preload });
    await server.stop();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Why the command line does nothing on this Redis, or undefined if it does something. */
async function refusalOfCommand(redisUrl: string): Promise<string | undefined> {
  return porticoText(redisUrl, 'workspace', 'list', '--json').then(
    () => undefined,
    (error: { stderr?: string; message: string }) => error.stderr ?? error.message,
  );
}

/** Servers and the command line of this version, on data of 0.1.0 that is not migrated. */
export async function onOldData(redisUrl: string): Promise<Point[]> {
  const [server, command] = [await refusalOf(redisUrl), await refusalOfCommand(redisUrl)];
  const says = (text: string | undefined) => text?.includes('portico migrate') === true;
  return [
    { held: says(server), sentence: 'this version does not start on data of 0.1.0, and says what to do' },
    { held: says(command), sentence: 'nor does its command line change that data' },
  ];
}

/** A later version with another format comes while a server of this version works, and goes again. */
export async function besideNext(server: LocalServer, redisUrl: string, rootKey: string): Promise<Point[]> {
  const setFormat = (format: number) => tell(redisUrl, 'HSET', keys.dataset, 'format', String(format));
  const statusNow = async () => (await call(server.url, 'apis.listApis', rootKey, {})).status;
  const becomes = (status: number) =>
    until(`the server responds with ${status}`, async () => (await statusNow()) === status, 10_000).then(
      () => true,
      () => false,
    );
  await setFormat(3);
  const ended = await becomes(503);
  const readiness = (await fetch(`${server.url}/v2/readiness`)).status;
  const start = await refusalOf(redisUrl);
  const command = await refusalOfCommand(redisUrl);
  await setFormat(2);
  const again = await becomes(200);
  const says = (text: string | undefined) => text?.includes('format 3') === true;
  return [
    {
      held: ended && readiness === 503,
      sentence: 'a running server ends its work when a later version writes another format',
    },
    { held: says(server.log()), sentence: 'its log says why' },
    { held: says(start), sentence: 'a server of this version does not start on it' },
    { held: says(command), sentence: 'nor does its command line change that data' },
    { held: again, sentence: 'the server works again once the data has its format' },
  ];
}

/** All records that 0.1.0 could change: not what this version counts and notes about itself. */
async function contentsOf(redisUrl: string): Promise<Map<string, string>> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  try {
    const names = (await client.keys('*')).filter(
      (name) => !/(dataset|exchange-calls|failed-calls|root-key-calls)/.test(name),
    );
    const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const dumps = names.map(async (name) => [name, String((await bytes.dump(name))?.toString('base64'))] as const);
    return new Map(await Promise.all(dumps));
  } finally {
    client.destroy();
  }
}

/** Makes the calls one after another, and returns the status of each. */
async function statusesOf(url: string, calls: OldCall[]): Promise<[operation: string, status: number][]> {
  const statuses: [string, number][] = [];
  for (const { operation, bearer, body } of calls)
    statuses.push([operation, (await call(url, operation, bearer, body)).status]);
  return statuses;
}

/** Says which operations are meant, if there are any. */
const named = (statuses: [string, number][]) =>
  statuses.length === 0 ? '' : ` (${statuses.map(([operation, status]) => `${operation} ${status}`).join(', ')})`;

/** Shows that the calls of `lockedOut` succeed while nobody is locked out. They delete what they are about. */
export async function allowed(oldUrl: string, calls: OldCall[]): Promise<Point> {
  const others = (await statusesOf(oldUrl, calls)).filter(([, status]) => status !== 200);
  return {
    // The portal has no OpenAPI document.
    held: others.every(([operation, status]) => operation === 'portal.getOpenapiDocument' && status === 404),
    sentence: `on its own data, ${calls.length - others.length} of the ${calls.length} operations of 0.1.0 succeed; the others do not${named(others)}`,
  };
}

/** Calls every operation of a server of 0.1.0 on migrated data: it does nothing, and changes nothing. */
export async function lockedOut(oldUrl: string, redisUrl: string, calls: OldCall[]): Promise<Point[]> {
  const before = await contentsOf(redisUrl);
  const statuses = await statusesOf(oldUrl, calls);
  const after = await contentsOf(redisUrl);
  const works = statuses.filter(([, status]) => status === 200);
  // Of a call that is invalid, that names nothing, or that gets no response, nobody knows whether it could succeed.
  const meaningless = statuses.filter(([, status]) => [0, 400, 404].includes(status));
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  return [
    {
      held: works.length === 0,
      sentence: `on migrated data, ${works.length} of the same calls succeed${named(works)}`,
    },
    {
      held: meaningless.length === 0,
      sentence: `0.1.0 refuses their callers: ${meaningless.length} calls fail because of what they ask${named(meaningless)}`,
    },
    {
      held: changed.length === 0,
      sentence: `and it changes nothing: ${changed.length} records differ after all calls`,
    },
  ];
}
