/**
 * Prism's validation proxy. It judges traffic and makes none, so it needs some: its guide sends the traffic of clients and of existing
 * end-to-end tests through it (https://github.com/stoplightio/prism/blob/master/docs/guides/03-validation-proxy.md). Here these are the successful
 * requests and the flows of our suite, without the suite's judgement: the only finding is a response that Prism marks.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { requestChecks } from '../../../contract-tests/checks.ts';
import { runCheck } from '../../../contract-tests/engine/run-check.ts';
import type { Spec } from '../../../contract-tests/engine/spec.ts';
import { createTrialFactory } from '../../../contract-tests/engine/trial.ts';
import { blackBox } from '../../../contract-tests/targets/black-box.ts';
import { freePort } from '../../../contract-tests/targets/free-port.ts';
import type { Tool } from './tool.ts';

const require = createRequire(import.meta.url);

interface Violation {
  location: string[];
  message: string;
}

/** What Prism says is wrong with a response, in its header `sl-violations`; what is wrong with the request is no finding. */
export const violationsIn = (header: string): string[] =>
  (JSON.parse(header) as Violation[])
    .filter(({ location }) => location[0] === 'response')
    .map(({ location, message }) => `${location.filter((step) => !/^\d+$/.test(step)).join('.')} ${message}`);

async function startPrismProxy(spec: Spec, url: string, directory: string) {
  const port = await freePort();
  const file = join(directory, 'openapi.json');
  await writeFile(file, JSON.stringify(spec));
  const binary = require.resolve('@stoplight/prism-cli/dist/index.js');
  const child = spawn(process.execPath, [binary, 'proxy', '--port', String(port), '--host', '127.0.0.1', file, url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.resume();
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (String(chunk).includes('Prism is listening')) resolve();
    });
    child.once('exit', () => reject(new Error('Prism did not start')));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const exited = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null && child.kill()) await exited;
    },
  };
}

/** @param contract the traffic is that of its checks */
export function prismProxy(contract: Spec): Tool {
  const { version } = require('@stoplight/prism-cli/package.json') as { version: string };
  const traffic = requestChecks(contract).filter(
    // A request whose body waits is no client's traffic, and one without `source` would be sent twice.
    ({ kind, status, source, name }) =>
      kind !== 'constraint' && status < 300 && source === undefined && !name.includes('before the body'),
  );
  return {
    name: `Prism's proxy ${version}`,
    async run({ url, operation, seconds, known, spec, directory }) {
      const found = new Set<string>();
      const proxy = await startPrismProxy(spec, url, directory);
      try {
        const { rootKey, slug, openapiUrl } = known;
        const target = blackBox({ name: 'prism', baseUrl: proxy.url, rootKey, slug, openapiUrl });
        const newTrial = createTrialFactory(contract, {
          onResponse: (_, { headers }) => {
            const header = headers['sl-violations'];
            if (typeof header === 'string') for (const one of violationsIn(header)) found.add(one);
          },
        });
        const end = Date.now() + seconds * 1000;
        for (const check of traffic.filter((own) => own.operation === operation)) {
          const left = end - Date.now();
          if (left <= 0) break;
          // A request that Prism does not answer uses up the time, as it would in a build.
          await Promise.race([
            runCheck(check, target, newTrial),
            new Promise((resolve) => setTimeout(resolve, left).unref()),
          ]);
        }
      } finally {
        await proxy.stop();
      }
      return [...found];
    },
  };
}
