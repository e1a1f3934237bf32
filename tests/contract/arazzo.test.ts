/** The Arazzo document of the journeys, run against the server with `redocly respect`. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { ArazzoDocument } from '../../contract-tests/arazzo/document.ts';
import { type Defect, startProxy } from '../../contract-tests/mutants/proxy.ts';
import { type ServerTarget, sharedServerTarget } from '../support/server-target.ts';
import type { SharedServer } from '../support/shared/client.ts';

const root = join(import.meta.dirname, '../..');
const file = join(root, 'generated/arazzo.yaml');
const cli = join(root, 'node_modules/@redocly/cli/bin/cli.js');
const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
const journeys: ArazzoDocument = parse(await readFile(file, 'utf8'));

let target: ServerTarget<SharedServer>;
let directory: string;
beforeAll(async () => {
  [target, directory] = await Promise.all([sharedServerTarget(), mkdtemp(join(tmpdir(), 'portico-arazzo-'))]);
});
afterAll(async () => {
  await target.stop();
  await rm(directory, { recursive: true });
});

/** The value of an input of the document. */
function inputValue(name: string, fixture: { rootKey: string; slug: string }): string | number {
  const [, direction, minutes] = /^minutes(Ago|Ahead)(\d+)$/.exec(name) ?? [];
  if (minutes !== undefined) return Date.now() + Number(minutes) * (direction === 'Ago' ? -60_000 : 60_000);
  const texts = { ...fixture, run: randomBytes(12).toString('hex') };
  return texts[name as keyof typeof texts];
}

/** A step that was run. */
interface RunStep {
  stepId: string;
  status: string;
}

/** Runs workflows, all by default; returns the exit code, and the steps that were run, with the report as text. */
async function respect(url: string, ...workflows: string[]): Promise<{ code: number; steps: RunStep[]; text: string }> {
  const { rootKey, slug } = await target.arrange('portal');
  const names = new Set(journeys.workflows.flatMap(({ inputs }) => inputs.required));
  const inputs = Object.fromEntries([...names].map((name) => [name, inputValue(name, { rootKey, slug })]));
  const output = join(directory, `${randomBytes(5).toString('hex')}.json`);
  const args = [cli, 'respect', file, '--server', `portico=${url}`, '--json-output', output];
  const chosen = workflows.flatMap((workflow) => ['--workflow', workflow]);
  // A credential is no argument, because every user of the computer can read those.
  const env = { ...process.env, ...quiet, REDOCLY_CLI_RESPECT_INPUT: JSON.stringify(inputs) };
  const code = await new Promise<number>((resolve) => {
    execFile(process.execPath, [...args, ...chosen], { env, maxBuffer: 2 ** 26 }, (error) =>
      resolve(error === null ? 0 : Number(error.code)),
    );
  });
  const text = await readFile(output, 'utf8');
  const [run]: { executedWorkflows: { executedSteps: RunStep[] }[] }[] = Object.values(JSON.parse(text).files);
  return { code, steps: run?.executedWorkflows.flatMap(({ executedSteps }) => executedSteps) ?? [], text };
}

test('every step of every journey holds', async () => {
  const { code, steps } = await respect(target.baseUrl);
  const wanted = journeys.workflows.flatMap((workflow) => workflow.steps.map(({ stepId }) => stepId));
  expect(steps.filter(({ status }) => status !== 'success')).toEqual([]);
  expect(steps.map(({ stepId }) => stepId)).toEqual(wanted);
  expect(code).toBe(0);
});

test('a broken promise fails its step', async () => {
  const reusable: Defect = {
    onReply: (reply, { operation }) =>
      operation === 'portal.exchangeSession' && reply.status === 401 ? { ...reply, status: 403 } : reply,
  };
  const proxy = await startProxy(target.baseUrl, reusable);
  try {
    const { code, steps } = await respect(proxy.url, 'session-from-link-to-logout');
    const failed = steps.filter(({ status }) => status !== 'success').map(({ stepId }) => stepId);
    expect(failed).toEqual(['session-from-link-to-logout-4-exchangeSession']);
    expect(code).toBe(1);
  } finally {
    await proxy.stop();
  }
});

test('no value of the recording is in the document', async () => {
  expect(await readFile(file, 'utf8')).not.toMatch(/Value\d+End|Input\w+End/);
});
