/** Notes everything that a Redis of a test run stores, when the run is done with it. */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type RedisClientOptions } from 'redis';
import { noteEmitted, secretsVariable } from './record.ts';

/** Longer than any text between two parts of the file that belong together. */
const overlap = 512;

/** Searches the names and the values. One that does not reply any more, because a test has stopped it, has nothing to search. */
export async function noteContents(url: string, options: RedisClientOptions = {}): Promise<void> {
  if (process.env[secretsVariable] === undefined) return;
  const socket = { ...options.socket, reconnectStrategy: false as const, connectTimeout: 500, socketTimeout: 5000 };
  const client = createClient({ ...options, url, socket } as RedisClientOptions);
  client.on('error', () => {});
  let file: string | undefined;
  try {
    await client.connect();
    const { dir = '', dbfilename = '' } = await client.configGet('d*');
    // The file has every name and value as it is.
    await client.configSet('rdbcompression', 'no');
    await client.sendCommand(['SAVE']);
    file = join(dir, dbfilename);
    let before = '';
    for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
      const text = before + (chunk as Buffer).toString('latin1');
      noteEmitted('redis', 'its contents', text);
      before = text.slice(-overlap);
    }
  } catch {
    // It is stopped, or refuses connections without a password or a name.
  } finally {
    client.destroy();
    if (file !== undefined) await rm(file, { force: true });
  }
}
