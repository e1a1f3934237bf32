/**
 * Starts the process that the test files share, and the search for secrets in what servers emit. Jest calls this once, before the first
 * file.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretFieldsByPath } from '../secrets/fields.ts';
import { secretFieldsVariable, secretsVariable } from '../secrets/record.ts';
import { shared, sharedUrlVariable } from './handle.ts';

export default async function setup(): Promise<void> {
  shared.secrets = await mkdtemp(join(tmpdir(), 'portico-secrets-'));
  process.env[secretsVariable] = shared.secrets;
  process.env[secretFieldsVariable] = JSON.stringify(await secretFieldsByPath());
  const child = fork(join(import.meta.dirname, 'process.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const failed = once(child, 'exit').then(() => {
    throw new Error('the process that the tests share did not start');
  });
  const [url] = await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => {});
  shared.process = child;
  process.env[sharedUrlVariable] = String(url);
}
