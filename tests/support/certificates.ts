/** Creates a certificate authority with openssl, and a certificate for a server and a client on loopback. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemBinary } from './system-binary.ts';

/** Paths of PEM files. */
export interface Certificates {
  ca: string;
  cert: string;
  key: string;
}

/**
 * Creates the files in a directory. One certificate serves both sides, for 127.0.0.1 and `redis.internal`.
 *
 * @throws MissingBinary
 */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const openssl = systemBinary(['openssl'], { debian: 'openssl', brew: 'openssl' });
  const run = (...args: string[]) => promisify(execFile)(openssl, args, { cwd: directory });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run(
    'req',
    '-x509',
    ...curve,
    '-subj',
    '/CN=Portico tests',
    '-days',
    '1',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  await run('req', ...curve, '-subj', '/CN=redis', '-keyout', 'redis.key', '-out', 'redis.csr');
  await writeFile(join(directory, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:redis.internal\n');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'names'];
  await run('x509', '-req', '-in', 'redis.csr', ...signed, '-out', 'redis.pem');
  return { ca: join(directory, 'ca.pem'), cert: join(directory, 'redis.pem'), key: join(directory, 'redis.key') };
}

/** The options for a Redis that uses TLS with these files and requires client certificates. */
export async function redisTls({ ca, cert, key }: Certificates): Promise<{ args: string[]; client: object }> {
  const args = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca, '--tls-auth-clients', 'yes'];
  const [caText, certText, keyText] = await Promise.all([ca, cert, key].map((file) => readFile(file, 'utf8')));
  return { args, client: { ca: caText, cert: certText, key: keyText } };
}
