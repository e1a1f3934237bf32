/** A lock of one machine, for programs that must not run twice. */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { relative } from 'node:path';
import { text } from 'node:stream/consumers';

/** The id of the process that holds the lock, or undefined if none does. */
async function holderOf(path: string): Promise<string | undefined> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return await text(socket);
  } catch {
    // No file, or one that nobody listens on: the process that made it has ended.
    return undefined;
  } finally {
    socket.destroy();
  }
}

/**
 * Takes the lock for as long as this process lives. It is a Unix socket that this process listens on, so it is free as soon
 * as the process has ended in any way. A file with the id of the process would not be: the system gives the id to another
 * program later.
 *
 * @returns undefined, or the id of the process that holds the lock
 */
export async function takeLock(file: string): Promise<string | undefined> {
  // The path of a socket can have about 100 characters.
  const path = relative(process.cwd(), file);
  const holder = await holderOf(path);
  if (holder !== undefined) return holder;
  await rm(path, { force: true });
  const server = createServer((socket) => socket.end(String(process.pid)));
  server.listen(path).unref();
  await once(server, 'listening');
  return undefined;
}
