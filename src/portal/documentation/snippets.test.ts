/** The sample programs send the right request. The test runs those that can run here. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KeyPlace } from './openapi.ts';
import { snippet, snippetLanguages } from './snippets.ts';

let server: Server;
let url: string;
let asked: IncomingMessage | undefined;

beforeAll(async () => {
  server = createServer((req, res) => {
    asked = req;
    res.end('{"ok":true}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/things?limit=2`;
});

afterAll(() => {
  server.close();
});

const key = 'acme_testKeyTestKeyTestKey';
const places: [KeyPlace, (req: IncomingMessage) => unknown, unknown][] = [
  [{ in: 'bearer' }, (req) => req.headers.authorization, `Bearer ${key}`],
  [{ in: 'header', name: 'X-Api-Key' }, (req) => req.headers['x-api-key'], key],
  [{ in: 'query', name: 'api_key' }, (req) => req.url, `/v1/things?limit=2&api_key=${key}`],
];

test.each(places)('TypeScript sends the key where the API expects it: %j', async (place, read, expected) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module-typescript', '-e', snippet('TypeScript', url, place)],
    { env: { ...process.env, API_KEY: key } },
  );
  expect(stdout).toBe('{ ok: true }\n');
  expect(asked && read(asked)).toBe(expected);
});

/** Texts that a document could use against a shell, a program, or the eyes of a reader. */
const hostileNames = [
  'X-K: !?AWS_SECRET? -',
  'X"; `$(id)',
  "X'; id; '",
  'X\n-H @/etc/passwd',
  'X\0Y',
  'X\u202eY',
  'X\u2028Y',
  '',
];
const hostileUrls = [
  "https://api.example.com/'; id; '",
  'https://api.example.com/"$(id)`id`$HOME',
  'https://api.example.com/!?AWS_SECRET?/!!',
  'https://api.example.com/{a,b}[1-3]?x={a,b}[1-3]',
  'https://api.example.com/a\n-o /tmp/x\r\n\t',
  'https://api.example.com/\\"+process.exit(1)+"',
  'https://api.example.com/</script>\u202e\u2028\0é😀',
  'https://user:secret@api.example.com/#fragment',
  '-o/etc/passwd',
  'file:///etc/passwd',
  'javascript:alert(1)',
  '',
];
const plain: KeyPlace = { in: 'bearer' };

/** The samples in all languages. */
const allOf = (place: KeyPlace) => snippetLanguages.map((language) => snippet(language, url, place));

describe('a name that cannot be one is left out', () => {
  test.each(hostileNames)('as that of a header: %j', (name) => {
    expect(allOf({ in: 'header', name })).toEqual(allOf(plain));
  });

  test.each(['X\0Y', 'X\nY', 'X\u202eY', 'X\u2028Y', 'X\ud800', ''])('as that of a parameter: %j', (name) => {
    expect(allOf({ in: 'query', name })).toEqual(allOf(plain));
  });
});

describe.each(snippetLanguages)('in %s', (language) => {
  test.each(hostileUrls)('a URL of a document becomes ASCII that is special nowhere: %j', (hostile) => {
    const [before = '', after = ''] = snippet(language, url, plain).split(url);
    const text = snippet(language, hostile, plain);
    expect([text.startsWith(before), text.endsWith(after)]).toEqual([true, true]);
    const inside = text.slice(before.length, -after.length);
    expect(inside).toMatch(/^https:\/\/api\.example\.com\/[\w.~%/:@&=+,;?$()*-]*$/);
    expect(inside).not.toContain('secret');
  });
});

/** Runs a command as a person does who pastes it, with a secret in the history and the key in the environment. */
async function paste(command: string, shell: string[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'paste-'));
  const [program = '', ...options] = shell;
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory, API_KEY: key, HISTFILE: join(directory, 'history') };
  const child = spawn(program, options, { cwd: directory, env, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(`: AWS_SECRET=hunter2\n${command}\nexit\n`);
  await once(child, 'close');
  await rm(directory, { recursive: true });
}

const header = "x-`id`'$|!!&^#~*";
const parameter = `$(id)'"!!{a}[b]\\&é`;

test.each([{ shell: ['bash', '--norc', '--noprofile', '-i'] }, { shell: ['sh'] }])(
  'pasted into $shell, the key arrives in the place of the document',
  async ({ shell }) => {
    const seen: unknown[] = [];
    const collect = (req: IncomingMessage) => {
      const { searchParams } = new URL(`http://a${req.url}`);
      seen.push([req.headers[header], searchParams.get(parameter), req.headers.authorization]);
    };
    server.on('request', collect);
    const places: KeyPlace[] = [{ in: 'header', name: header }, { in: 'query', name: parameter }, plain];
    await paste(places.map((place) => snippet('curl', url, place)).join('\n'), shell);
    server.off('request', collect);
    expect(seen).toEqual([
      [key, null, undefined],
      [undefined, key, undefined],
      [undefined, null, `Bearer ${key}`],
    ]);
  },
);

describe('a program sends a hostile parameter as it is', () => {
  const name = `"'\`\${process.exit(1)}\\u0041\\n{name}%s$(id)</script>é😀`;
  const sent = () => asked && new URL(`http://a${asked.url}`).searchParams.get(name);

  test('in TypeScript', async () => {
    asked = undefined;
    const code = snippet('TypeScript', url, { in: 'query', name });
    const env = { ...process.env, API_KEY: key };
    await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', code], { env });
    expect(sent()).toBe(key);
  });

  test('in Python', async () => {
    asked = undefined;
    // What the sample needs of `requests`, on Python's own library.
    const library = `import sys, types, json, urllib.request, urllib.parse
def get(url, params={}, headers={}, timeout=0):
    full = url + '&' + urllib.parse.urlencode(params)
    body = urllib.request.urlopen(urllib.request.Request(full, headers=headers)).read()
    return types.SimpleNamespace(raise_for_status=lambda: None, json=lambda: json.loads(body))
sys.modules['requests'] = types.SimpleNamespace(get=get)
`;
    const code = library + snippet('Python', url, { in: 'query', name });
    await promisify(execFile)('python3', ['-c', code], { env: { ...process.env, API_KEY: key } });
    expect(sent()).toBe(key);
  });
});
