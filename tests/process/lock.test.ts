/** The lock of the demo: a process that lives holds it. The files of an earlier process do not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { takeLock } from '../../scripts/lock.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portico-lock-'));
  file = join(directory, 'demo.lock');
});
afterEach(() => rm(directory, { recursive: true }));

test('a process that holds the lock is named, and its end frees the lock', async () => {
  const lock = join(import.meta.dirname, '../../scripts/lock.ts');
  const code = `import { takeLock } from ${JSON.stringify(lock)};
    process.stdout.write(String(await takeLock(${JSON.stringify(file)})));
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [first] = await once(holder.stdout, 'data');
  expect(String(first)).toBe('undefined');
  expect(await takeLock(file)).toBe(String(holder.pid));
  const ended = once(holder, 'close');
  // Killed, so that it cannot remove its file.
  holder.kill('SIGKILL');
  await ended;
  expect(await takeLock(file)).toBeUndefined();
  expect(await takeLock(file)).toBe(String(process.pid));
});

test('a file that is no socket, such as one with the id of another program, holds nothing', async () => {
  await writeFile(file, String(process.ppid));
  expect(await takeLock(file)).toBeUndefined();
});
