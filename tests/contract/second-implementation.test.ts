/** Another server, in Python, that does what the public pages promise and nothing more: it passes the profile `seeds`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ConformanceOptions, type ConformanceReport, runConformance } from '../../contract-tests/index.ts';
import { python } from '../support/toolchains.ts';

const file = join(import.meta.dirname, '../../contract-tests/examples/seeds_server.py');
const given = { rootKey: 'rk_example', foreignRootKey: 'rk_foreign', slug: 'my-portal', disabledSlug: 'closed' };

/** Runs the suite against the server, with a fault of its list or without. */
async function report(fault: string[] = [], over: Partial<ConformanceOptions> = {}): Promise<ConformanceReport> {
  const child = spawn(python(), [file, ...fault.flatMap((name) => ['--fault', name])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [address] = await once(child.stdout, 'data');
    return await runConformance({ ...given, target: String(address).trim(), profile: 'seeds', ...over });
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

const broken = ({ results }: ConformanceReport) =>
  results.filter(({ outcome }) => outcome === 'failed').map(({ promise }) => promise.replace('public pages: ', ''));

test('a server that implements the public pages passes, although it lacks most of the contract', async () => {
  const whole = await report();
  expect(broken(whole)).toEqual([]);
  expect(whole.notImplemented).toEqual([]);
  const skipped = whole.results.filter(({ outcome }) => outcome === 'skipped');
  expect(skipped.map(({ promise, reason }) => [promise, reason])).toEqual([
    ['public pages: an expired session id is refused', 'no HTTP call can create this state'],
    ['public pages: an expired browser session is refused', 'no HTTP call can create this state'],
    ['public pages: an expired browser session has an error of its own', 'no HTTP call can create this state'],
  ]);
  expect(whole.results.filter(({ source }) => !source?.page || !source.quote)).toEqual([]);
});

test('a header that only the contract promises hides nothing else', async () => {
  const { results } = await report([], { profile: 'sessions', only: /^portal\.createSession › / });
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  const aboutHeaders = failed.filter(({ failures }) => failures.some((failure) => failure.startsWith('header ')));
  expect(aboutHeaders.map(({ kind }) => kind)).toEqual(aboutHeaders.map(() => 'header'));
  expect(aboutHeaders.map(({ promise }) => promise)).toContain('every response has Cache-Control');
  const held = results.filter(({ outcome }) => outcome === 'passed').map(({ promise }) => promise);
  expect(held).toEqual(expect.arrayContaining(['a session is created', 'an unknown slug is not found']));
});

describe('a planted fault fails exactly the checks that it breaks', () => {
  test.each<[fault: string, promises: string[]]>([
    [
      'reusable',
      [
        'a session id works once',
        'a session id works once among concurrent exchanges',
        'a used session id has an error of its own',
        'the error of a used session id has the sentence of its page',
      ],
    ],
    ['raced', ['a session id works once among concurrent exchanges']],
    [
      'no-cookie',
      [
        'a session id is exchanged for a cookie',
        'the cookie is HttpOnly',
        'the cookie is valid for 24 hours',
        'the cookie is enough',
      ],
    ],
    ['script-cookie', ['the cookie is HttpOnly']],
    ['long-cookie', ['the cookie is valid for 24 hours']],
    ['long-id', ['a session id is valid for 15 minutes']],
    ['own-words', ['the error of a used session id has the sentence of its page']],
    [
      'own-code',
      ['an unknown slug has an error of its own', 'a root key of another workspace does not find the portal'],
    ],
    [
      'own-status',
      [
        'an unknown slug is not found',
        'the error of an unknown slug has the status of its page',
        'a root key of another workspace is refused',
      ],
    ],
    ['any-slug', ['a slug in upper case is another slug']],
    ['no-request-id', ['a response has the id of its request']],
    ['no-permissions', ['an empty list of permissions is refused']],
    [
      'open',
      [
        'a request without a token is refused',
        'a missing token has an error of its own',
        'the error of a missing token has the sentence of its page',
      ],
    ],
    ['header-ignored', ['the token in an Authorization header is enough', 'an unknown token has an error of its own']],
  ])('%s', async (fault, promises) => {
    expect(broken(await report([fault]))).toEqual(promises);
  });
});
