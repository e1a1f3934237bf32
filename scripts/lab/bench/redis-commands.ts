import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemBinary } from '../../../tests/support/system-binary.ts';

/** The Redis commands behind sessions, sent by redis-benchmark. */
const commands: Record<string, string[]> = {
  'SET … EX 900': ['SET', 'bench:__rand_int__', 'x'.repeat(200), 'EX', '900'],
  GETDEL: ['GETDEL', 'bench:__rand_int__'],
  GET: ['GET', 'bench:__rand_int__'],
};

/** The throughput of Redis alone, as Markdown. */
export async function redisCommands(port: number, connections: number): Promise<string> {
  const binary = systemBinary(['redis-benchmark', 'valkey-benchmark'], { debian: 'redis-tools', brew: 'redis' });
  const rows: string[] = [];
  for (const [name, command] of Object.entries(commands)) {
    const options = ['-p', String(port), '-c', String(connections), '-n', '200000', '-r', '100000', '--csv'];
    const { stdout } = await promisify(execFile)(binary, [...options, ...command]);
    const [, perSecond, , , p50, , p99] = (stdout.trim().split('\n').at(-1) ?? '').replaceAll('"', '').split(',');
    rows.push(`| ${name} | ${Math.round(Number(perSecond))} | ${p50} | ${p99} |`);
  }
  return ['| Redis alone | requests/s | p50, ms | p99, ms |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
