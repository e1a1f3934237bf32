/** The samples send the request as it is, with any text of a document. The test runs those that can run here. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ApiRequest } from './request.ts';
import { sampleIn, sampleLanguages } from './samples.ts';

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
    res.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  directory = await mkdtemp(join(tmpdir(), 'samples-'));
  await writeFile(join(directory, 'photo'), 'a photo');
});
afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  arrived = [];
});

const key = 'acme_testKeyTestKeyTestKey';
const get: ApiRequest = { method: 'GET', url: '', secretQuery: [], headers: [], body: undefined };

/** What the Python samples need of `requests`, on Python's own library. */
const requests = `import sys, types, urllib.request
def request(method, url, headers={}, data=None, files=None, timeout=0):
    if files is not None:
        data = b''.join(name.encode() + b'=' + (value[1].encode() if type(value) is tuple else value.read()) + b';' for name, value in files)
    reply = urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers, method=method))
    return types.SimpleNamespace(status_code=reply.status, text=reply.read().decode())
sys.modules['requests'] = types.SimpleNamespace(request=request)
`;

const run = async (program: string, ...args: string[]) => {
  const env = { PATH: process.env['PATH'] ?? '', API_KEY: key, API_USER: 'me', API_PASSWORD: key };
  await promisify(execFile)(program, args, { cwd: directory, env });
};
const runners = {
  curl: (text: string) => run('sh', '-c', text),
  JavaScript: (text: string) =>
    run(process.execPath, '--input-type=module', '--disable-warning=ExperimentalWarning', '-e', text),
  Python: (text: string) => run('python3', '-c', requests + text),
};

/** Texts that a document could use against a shell, a program, or the eyes of a reader. */
const hostile = `"'\`\${process.exit(1)}\\u0041\\n{name}%s$(id)$API_KEY</script>é😀\u2028\u202e\n@/etc/passwd!x^y`;

describe.each(['curl', 'JavaScript', 'Python'] as const)('in %s', (language) => {
  const send = (request: Partial<ApiRequest>) =>
    runners[language](sampleIn(language, { ...get, url: `${origin}/v1/things?limit=2`, ...request }));

  test('the secrets are sent from the environment, each in its place', async () => {
    await send({
      headers: [
        ['Authorization', ['Bearer ', { secret: 'API_KEY' }]],
        ["x-`id`'$|!&^#~*", ['a "quoted" $value']],
      ],
    });
    await send({ secretQuery: [['k&y', [{ secret: 'API_KEY' }]]] });
    await send({
      headers: [['Authorization', ['Basic ', { base64: [{ secret: 'API_USER' }, ':', { secret: 'API_PASSWORD' }] }]]],
    });
    expect(arrived).toMatchObject([
      {
        method: 'GET',
        url: '/v1/things?limit=2',
        headers: { authorization: `Bearer ${key}`, "x-`id`'$|!&^#~*": 'a "quoted" $value' },
      },
      { url: `/v1/things?limit=2&k%26y=${key}` },
      { headers: { authorization: `Basic ${btoa(`me:${key}`)}` } },
    ]);
  });

  test('a body arrives as it is', async () => {
    const json = JSON.stringify({ [hostile]: hostile, n: 1, list: [] }, null, 2);
    const numbers = '{"n":9223372036854775807,"m":10.00}';
    for (const text of [json, numbers, hostile]) {
      await send({ method: 'PUT', headers: [['Content-Type', ['application/json']]], body: { kind: 'text', text } });
    }
    const [first, ...rest] = arrived.map(({ body }) => body);
    expect(JSON.parse(first ?? '')).toEqual(JSON.parse(json));
    expect(rest).toEqual([numbers, hostile]);
    expect(arrived.map(({ method, headers }) => [method, headers['content-type']])).toEqual(
      Array(3).fill(['PUT', 'application/json']),
    );
  });

  test('a form has its fields and files', async () => {
    await send({
      method: 'POST',
      body: {
        kind: 'form',
        parts: [
          ['note', "@it's"],
          ['photo', { file: 'photo' }],
        ],
      },
    });
    expect(arrived[0]?.body).toContain("@it's");
    expect(arrived[0]?.body).toContain('a photo');
  });
});

describe.each(sampleLanguages)('in %s', (language) => {
  test.each(['javascript:alert(1)', '-o/etc/passwd', 'file:///etc/passwd', 'https://', ''])(
    '%j is no address',
    (url) => {
      expect(sampleIn(language, { ...get, url })).toContain('https://api.example.com/');
    },
  );

  test('every character is one that people see', () => {
    const text = sampleIn(language, {
      ...get,
      url: `https://api.example.com/${hostile}`,
      method: 'GET; id',
      headers: [['X-A', [hostile.replaceAll('\n', '')]]],
      body: { kind: 'text', text: hostile },
    });
    expect(text.replaceAll(/[\n\t]/g, '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(text).not.toContain('GET; id');
  });
});

/** Runs commands as a person does who pastes them, with a secret in the history and the key in the environment. */
async function paste(commands: string, program: string, ...options: string[]): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory, API_KEY: key, HISTFILE: join(directory, 'history') };
  const child = spawn(program, options, { cwd: directory, env, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(`: AWS_SECRET=hunter2\n${commands}\nexit\n`);
  await once(child, 'close');
}

test.each([['bash', '--norc', '--noprofile', '-i'], ['sh']])(
  'pasted into %s, the key arrives in the place that the document names, and nothing else does',
  async (program, ...options) => {
    const url = `${origin}/v1/things?limit=2`;
    const header = "x-`id`'$|!!&^#~*";
    const parameter = `$(id)'"!!{a}[b]\\&é`;
    const secret = [{ secret: 'API_KEY' }];
    const commands = [
      { headers: [[header, secret]] as ApiRequest['headers'] },
      { secretQuery: [[parameter, secret]] as ApiRequest['secretQuery'] },
      {
        url: `${url}&x=!?AWS_SECRET?{a,b}[1-3]`,
        headers: [['Authorization', ['Bearer ', ...secret]]] as ApiRequest['headers'],
      },
    ].map((request) => sampleIn('curl', { ...get, url, ...request }));
    await paste(commands.join('\n'), program, ...options);
    const seen = arrived.map(({ url: at, headers }) => {
      const { searchParams } = new URL(`http://a${at}`);
      return [headers[header], searchParams.get(parameter), headers.authorization, searchParams.get('x')];
    });
    expect(seen).toEqual([
      [key, null, undefined, null],
      [undefined, key, undefined, null],
      [undefined, null, `Bearer ${key}`, '!?AWS_SECRET?{a,b}[1-3]'],
    ]);
  },
);
