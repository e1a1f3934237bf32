/** The commands arrive as they are, from the shells that people paste them into. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CurlRequest, curlCommand, curlUrl, isToken } from './curl.ts';

let server: Server;
let origin: string;
let directory: string;
let arrived: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const { method = '', url = '', headers } = req;
    arrived.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    res.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  directory = await mkdtemp(join(tmpdir(), 'paste-'));
  await writeFile(join(directory, 'secret.txt'), 'a secret of the user');
});
afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

/** Runs a command as a person does who pastes it. The history of the shell has a secret. */
async function paste(command: string, [program = '', ...options]: string[]): Promise<void> {
  arrived = [];
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory, HISTFILE: join(directory, 'history') };
  const child = spawn(program, options, { cwd: directory, env, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(`: AWS_SECRET=hunter2\n${command}\nexit\n`);
  await once(child, 'close');
}

const commandOf = (over: Partial<CurlRequest>) =>
  curlCommand({ url: `${origin}/`, method: 'POST', headers: [['Content-Type', 'text/plain']], ...over }) ?? '';

const bodies = [
  '{\n  "name": "a plain body"\n}',
  '{\n  "name": "!?AWS_SECRET? !!"\n}\n',
  '^AWS^x^\n^AWS^x^',
  '_$(cat secret.txt)',
  '-o secret.txt',
  '/`cat secret.txt`',
  '@secret.txt',
  "it's !?AWS_SECRET?",
  `'"\\'"$HOME\`id\`;&|<>(){}[]*?~#%`,
  'a\ttab, \u001b[31m, \u007f, \u0085, \u202e, \u2028, é, 😀, \\0101 \\n %s',
  '\n\n',
];

describe.each([{ shell: ['bash', '--norc', '--noprofile', '-i'] }, { shell: ['sh'] }])(
  'pasted into $shell',
  ({ shell }) => {
    test('each body arrives as it is', async () => {
      await paste(bodies.map((body) => commandOf({ body })).join('\n'), shell);
      expect(arrived.map(({ body }) => body)).toEqual(bodies);
    });

    test('each header arrives as it is, and nothing is added', async () => {
      const values = ['_$(id)', '-o x', "!!'^!?AWS_SECRET?", '`id`$HOME"', ';@secret.txt', 'é\u0085'];
      const headers = values.map((value, i) => [`_x-${i}\`id\`!!'`, value] as const);
      await paste(commandOf({ headers }), shell);
      const [request] = arrived;
      const utf8 = (text: unknown) => Buffer.from(String(text), 'latin1').toString();
      expect(headers.map(([name]) => utf8(request?.headers[name]))).toEqual(values);
      expect(Object.keys(request?.headers ?? {})).toHaveLength(headers.length + 3);
    });

    test('a form arrives as it is, and a text in it names no file', async () => {
      const parts = ['@secret.txt', '<secret.txt', "!!'_", 'a;type=text/html'].map(
        (value, i) => [`-_${i}`, value] as const,
      );
      await paste(commandOf({ headers: [['Content-Type', 'multipart/form-data']], body: { parts } }), shell);
      const sent = arrived[0]?.body ?? '';
      for (const [name, value] of parts) expect(sent).toContain(`name="${name}"\r\n\r\n${value}\r\n`);
      expect(sent).not.toContain('a secret of the user');
    });

    test('a URL is one request', async () => {
      await paste(commandOf({ url: `${origin}/{a,b}[1-3]!!'?q={a,b}[1-3]$(id)#f` }), shell);
      expect(arrived.map((request) => decodeURIComponent(request.url))).toEqual(["/{a,b}[1-3]!!'?q={a,b}[1-3]$(id)"]);
    });
  },
);

test('what HTTP does not allow is left out', () => {
  const headers = ['a b', 'a:b', 'a\nb', '', 'é', '@a'].map((name) => [name, 'x'] as const);
  expect(commandOf({ headers: [...headers, ['a', 'x\r\ny'], ['b', '\0']] })).toBe(`curl -X 'POST' '${origin}/'`);
  expect(headers.map(([name]) => isToken(name))).not.toContain(true);
  expect(curlCommand({ url: 'file:///etc/passwd', method: 'GET', headers: [] })).toBeUndefined();
  expect(curlCommand({ url: origin, method: 'GET -o x', headers: [] })).toBeUndefined();
  // Swagger UI sends any token of a document as the method.
  expect(commandOf({ method: "-o'`id`", headers: [] })).toBe(`curl -X '-o'\\''\`id\`' '${origin}/'`);
});

test.each([
  ['https://user:secret@API.example/a b?c=d#e', 'https://api.example/a%20b?c=d'],
  ['http://[::1]:3000/[a]', 'http://[::1]:3000/%5Ba%5D'],
  ['https://bücher.example/é', 'https://xn--bcher-kva.example/%C3%A9'],
  ['//api.example', undefined],
  ['javascript:alert(1)', undefined],
])('the URL %s is %s for curl', (address, url) => {
  expect(curlUrl(address)).toBe(url);
});
