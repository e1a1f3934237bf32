/** HAProxy in front of a server, with the configuration that the project ships: it refuses what is too much. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../contract-tests/targets/free-port.ts';
import { until } from '../../../tests/support/redis.ts';
import { systemBinary } from '../../../tests/support/system-binary.ts';

const shipped = join(import.meta.dirname, '../../../deploy/haproxy/haproxy.cfg');

/** A running HAProxy. */
export interface RunningProxy {
  process: ChildProcess;
  port: number;
  stop(): Promise<void>;
}

/** Replaces a part of a text that must be there. */
function replaced(text: string, part: RegExp, by: string): string {
  if (!part.test(text)) throw new Error(`deploy/haproxy/haproxy.cfg has no ${part}`);
  return text.replace(part, by);
}

const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/**
 * Starts it on a free port.
 *
 * @param limit how many requests it passes on at the same time
 * @throws MissingBinary
 */
export async function startProxy(serverPort: number, limit: number): Promise<RunningProxy> {
  const binary = systemBinary(['haproxy'], { debian: 'haproxy', brew: 'haproxy' });
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'portico-haproxy-'));
  const file = join(directory, 'haproxy.cfg');
  let text = await readFile(shipped, 'utf8');
  text = replaced(text, /bind :443 .*/, `bind 127.0.0.1:${port}`);
  text = replaced(text, /server portico .*/, `server portico 127.0.0.1:${serverPort}`);
  text = replaced(text, /be_conn\(portico\) ge \d+/, `be_conn(portico) ge ${limit}`);
  await writeFile(file, text);
  const child = spawn(binary, ['-db', '-f', file], { stdio: 'ignore' });
  await until('HAProxy listens', () => isOpen(port));
  return {
    process: child,
    port,
    async stop() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(directory, { recursive: true });
    },
  };
}
