import { tracingChannel } from 'node:diagnostics_channel';
import { afterEach, expect, jest, test } from '@jest/globals';
import { ClientClosedError, ErrorReply, SocketTimeoutError, TimeoutError } from 'redis';
import { scripts } from '../store/scripts.ts';
import { type CommandEnd, onRedisCommand, type RedisCommand } from './redis-commands.ts';

/** What node-redis publishes. */
const channel = tracingChannel('node-redis:command');
const publish = (command: string, args: string[], error?: unknown) => {
  const context = {
    command,
    args,
    serverAddress: 'redis.example',
    serverPort: 6379,
    ...(error !== undefined && { error }),
  };
  channel.start.publish(context);
  channel.asyncEnd.publish(context);
};

const end = jest.fn<CommandEnd>();
const begin = jest.fn((_command: RedisCommand) => end);
const unsubscribe = onRedisCommand(begin);
afterEach(() => {
  jest.clearAllMocks();
});

test('a command has its name and its server, and no argument', () => {
  publish('GET', ['GET', 'portico:secret']);
  expect(begin.mock.calls).toEqual([[{ name: 'GET', serverAddress: 'redis.example', serverPort: 6379 }]]);
  expect(end.mock.calls).toEqual([[undefined]]);
});

test('a script has its own name, by its text or its hash', () => {
  const { SHA1, SCRIPT } = scripts.verifyApiKey;
  publish('EVALSHA', ['EVALSHA', String(SHA1), '1']);
  publish('EVAL', ['EVAL', SCRIPT, '1']);
  publish('EVAL', ['EVAL', 'return 1', '0']);
  publish('GET', ['GET', String(SHA1)]);
  expect(begin.mock.calls.map(([{ name }]) => name)).toEqual(['verifyApiKey', 'verifyApiKey', 'EVAL', 'GET']);
});

const replies = ['OOM', 'READONLY', 'LOADING', 'MISCONF', 'NOREPLICAS', 'CLUSTERDOWN', 'MASTERDOWN', 'TRYAGAIN'];

test.each([
  ...[...replies, 'MOVED', 'ASK', 'NOAUTH', 'WRONGPASS', 'NOPERM', 'BUSY', 'WRONGTYPE'].map(
    (code) => [code, new ErrorReply(`${code} for a reason`)] as const,
  ),
  ['other', new ErrorReply('ERR unknown command')],
  ['other', new ErrorReply('ERR OOM')],
  ['other', new ErrorReply('OOMS')],
  ['timeout', new TimeoutError()],
  ['timeout', new SocketTimeoutError(1)],
  ['connection', new ClientClosedError()],
  ['connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
  ['other', 'a text'],
])('the kind of a failure is a fixed word: %s', (kind, error) => {
  publish('GET', ['GET'], error);
  expect(end.mock.calls).toEqual([[kind]]);
});

test('NOSCRIPT is no failure: the script is sent again', () => {
  publish('EVALSHA', ['EVALSHA'], new ErrorReply('NOSCRIPT No matching script.'));
  expect(end.mock.calls).toEqual([[undefined]]);
});

test('the end of a command that began before the subscription is ignored', () => {
  channel.asyncEnd.publish({ command: 'GET', args: ['GET'] });
  expect(end).not.toHaveBeenCalled();
});

test('after it has unsubscribed, nothing is called', () => {
  unsubscribe();
  publish('GET', ['GET']);
  expect(begin).not.toHaveBeenCalled();
});
