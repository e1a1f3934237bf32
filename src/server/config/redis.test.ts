import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from './index.ts';

let directory: string;
/** Paths of a certificate and its key. */
let pem: { cert: string; key: string };
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portico-config-'));
  pem = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', pem.key];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, '-subj', '/CN=redis', '-out', pem.cert]);
});
afterAll(() => rm(directory, { recursive: true }));

const read = (env: NodeJS.ProcessEnv) => readConfig(env).redis;
const messageOf = (env: NodeJS.ProcessEnv) => {
  try {
    read(env);
    return 'it was taken';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

describe('the connection to Redis', () => {
  test('one URL is enough', () => {
    expect(read({ REDIS_URL: 'rediss://ann:p%40ss@redis.internal:6380/2' })).toEqual({
      mode: 'standalone',
      nodes: [{ host: 'redis.internal', port: 6380 }],
      login: { username: 'ann', password: 'p@ss' },
      database: 2,
      tls: {},
    });
  });

  test('the password can be a separate setting', () => {
    expect(read({ REDIS_URL: 'redis://[::1]', REDIS_PASSWORD: 'secret' })).toEqual({
      mode: 'standalone',
      nodes: [{ host: '::1', port: 6379 }],
      login: { password: 'secret' },
    });
  });

  test('a cluster has several nodes and one login', () => {
    expect(read({ REDIS_MODE: 'cluster', REDIS_URL: 'redis://:secret@a:7000, redis://:secret@b' })).toEqual({
      mode: 'cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 6379 },
      ],
      login: { password: 'secret' },
    });
  });

  test('with Sentinel, the URLs and their login are those of the Sentinels', () => {
    const env = { REDIS_MODE: 'sentinel', REDIS_URL: 'redis://:theirs@a,redis://:theirs@b', REDIS_PASSWORD: 'ours' };
    expect(read({ ...env, REDIS_SENTINEL_NAME: 'portico' })).toEqual({
      mode: 'sentinel',
      nodes: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 26_379 },
      ],
      login: { password: 'ours' },
      sentinel: { name: 'portico', login: { password: 'theirs' } },
    });
  });

  test('TLS settings are read from files', async () => {
    const files = { REDIS_TLS_CA_FILE: pem.cert, REDIS_TLS_CERT_FILE: pem.cert, REDIS_TLS_KEY_FILE: pem.key };
    expect(read({ REDIS_URL: 'rediss://a', ...files, REDIS_TLS_SERVER_NAME: 'redis' }).tls).toEqual({
      ca: await readFile(pem.cert, 'utf8'),
      cert: await readFile(pem.cert, 'utf8'),
      key: await readFile(pem.key, 'utf8'),
      servername: 'redis',
    });
  });

  test('a file that is missing, or has something else in it, is refused before any connection', async () => {
    const other = join(directory, 'other.pem');
    await writeFile(other, 'no certificate');
    const messages = (REDIS_TLS_CA_FILE: string, REDIS_TLS_CERT_FILE: string, REDIS_TLS_KEY_FILE: string) =>
      messageOf({ REDIS_URL: 'rediss://a', REDIS_TLS_CA_FILE, REDIS_TLS_CERT_FILE, REDIS_TLS_KEY_FILE }).split('\n');
    expect(messages(other, pem.key, pem.cert)).toEqual([
      'REDIS_TLS_CA_FILE must be the path of a PEM file with a certificate.',
      'REDIS_TLS_CERT_FILE must be the path of a PEM file with a certificate.',
      'REDIS_TLS_KEY_FILE must be the path of a PEM file with a private key that is not encrypted.',
    ]);
    expect(messages(join(directory, 'none'), directory, pem.key)).toEqual([
      'REDIS_TLS_CA_FILE must be the path of a readable file.',
      'REDIS_TLS_CERT_FILE must be the path of a readable file.',
    ]);
  });
});

describe('the connection to Redis: at the edge', () => {
  test('database 0 is allowed in every mode, and is the default', () => {
    expect(read({ REDIS_URL: 'redis://a/0' })).not.toHaveProperty('database');
    expect(read({ REDIS_MODE: 'cluster', REDIS_URL: 'redis://a/0' })).not.toHaveProperty('database');
  });

  test('the login can be two separate settings', () => {
    expect(read({ REDIS_URL: 'redis://a', REDIS_USERNAME: 'ann', REDIS_PASSWORD: 'secret' }).login).toEqual({
      username: 'ann',
      password: 'secret',
    });
  });

  test('with Sentinel, both logins can be given, and each is its own', () => {
    const env = { REDIS_MODE: 'sentinel', REDIS_SENTINEL_NAME: 'portico', REDIS_URL: 'redis://bob:theirs@a' };
    expect(read({ ...env, REDIS_USERNAME: 'ann', REDIS_PASSWORD: 'ours' })).toMatchObject({
      login: { username: 'ann', password: 'ours' },
      sentinel: { login: { username: 'bob', password: 'theirs' } },
    });
    expect(read(env).login).toEqual({});
  });

  test('changes wait for as many replicas as the settings say, in every mode', () => {
    expect(read({})).not.toHaveProperty('waitReplicas');
    expect(read({ REDIS_WAIT_REPLICAS: '0' })).not.toHaveProperty('waitReplicas');
    expect(read({ REDIS_WAIT_REPLICAS: '1' })).toMatchObject({ mode: 'standalone', waitReplicas: 1 });
    expect(read({ REDIS_MODE: 'cluster', REDIS_WAIT_REPLICAS: '2' })).toMatchObject({
      mode: 'cluster',
      waitReplicas: 2,
    });
    expect(messageOf({ REDIS_WAIT_REPLICAS: '11' })).toBe('REDIS_WAIT_REPLICAS must be a whole number from 0 to 10.');
  });

  test('one URL is enough for a cluster', () => {
    expect(read({ REDIS_MODE: 'cluster', REDIS_URL: 'rediss://a' })).toMatchObject({ mode: 'cluster', tls: {} });
  });
});

describe('settings that conflict are refused with a message that names the variable, not its value', () => {
  const sentinel = { REDIS_MODE: 'sentinel', REDIS_SENTINEL_NAME: 'hunter2' };
  test.each([
    ['REDIS_MODE', { REDIS_MODE: 'hunter2' }],
    ['REDIS_URL', { REDIS_URL: 'redis://hunter2,redis://hunter2' }],
    ['REDIS_URL', { REDIS_MODE: 'cluster', REDIS_URL: 'redis://hunter2,rediss://hunter2' }],
    ['REDIS_URL', { REDIS_MODE: 'cluster', REDIS_URL: 'redis://:hunter2@a,redis://:hunter3@a' }],
    ['REDIS_URL', { REDIS_MODE: 'cluster', REDIS_URL: 'redis://hunter2/1' }],
    ['REDIS_URL', { ...sentinel, REDIS_URL: 'redis://hunter2/1' }],
    ['REDIS_URL', { REDIS_URL: 'redis://hunter2/one' }],
    ['REDIS_URL', { REDIS_URL: 'redis://:hunter2@' }],
    ['REDIS_URL', { REDIS_URL: 'redis://:hunter2%ff@a' }],
    ['REDIS_SENTINEL_NAME', { REDIS_MODE: 'sentinel' }],
    ['REDIS_SENTINEL_NAME', { REDIS_SENTINEL_NAME: 'hunter2' }],
    ['REDIS_PASSWORD', { REDIS_URL: 'redis://:hunter2@a', REDIS_PASSWORD: 'hunter2' }],
    ['REDIS_USERNAME', { REDIS_URL: 'redis://:hunter2@a', REDIS_USERNAME: 'hunter2' }],
    ['REDIS_USERNAME', { REDIS_USERNAME: 'hunter2' }],
    ['REDIS_TLS_CA_FILE', { REDIS_URL: 'rediss://a', REDIS_TLS_CA_FILE: '/nowhere/hunter2' }],
    ['REDIS_TLS_SERVER_NAME', { REDIS_TLS_SERVER_NAME: 'hunter2' }],
  ])('%s in %j', (name, env) => {
    expect(messageOf(env)).toMatch(new RegExp(`^${name} must `, 'm'));
    expect(messageOf(env)).not.toContain('hunter2');
  });

  test('half a certificate, or one without TLS', () => {
    expect(messageOf({ REDIS_URL: 'rediss://a', REDIS_TLS_CERT_FILE: pem.cert })).toMatch(
      /^REDIS_TLS_CERT_FILE must not/,
    );
    expect(messageOf({ REDIS_URL: 'rediss://a', REDIS_TLS_KEY_FILE: pem.key })).toMatch(/^REDIS_TLS_KEY_FILE must not/);
    expect(messageOf({ REDIS_TLS_CA_FILE: pem.cert })).toMatch(/^REDIS_TLS_CA_FILE must not/);
    const both = { REDIS_TLS_CERT_FILE: pem.cert, REDIS_TLS_KEY_FILE: pem.key };
    expect(messageOf(both).split('\n')).toEqual([
      'REDIS_TLS_CERT_FILE must not be set unless REDIS_URL begins with rediss://.',
      'REDIS_TLS_KEY_FILE must not be set unless REDIS_URL begins with rediss://.',
    ]);
  });
});
