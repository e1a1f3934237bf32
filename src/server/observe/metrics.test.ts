import { tracingChannel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { expect, jest, test } from '@jest/globals';
import { keyVerified, sessionCreated, sessionExchanged } from '../domain/events.ts';
import { meter } from './metrics.ts';

let ready = false;
const server = Object.assign(new EventEmitter(), {
  getConnections: (done: (error: null, count: number) => void) => done(null, 7),
});
const { registry, stop } = meter(server as unknown as Server, async () => ready);

/** The series of a metric by their labels: the counts of a histogram, the values of others. */
async function seriesOf(name: string): Promise<Record<string, number>> {
  const lines = (await registry.getSingleMetricAsString(name)).split('\n');
  const found = lines.flatMap((line) => {
    const [, which = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return which === name || which === `${name}_count` ? [[labels, Number(value)] as const] : [];
  });
  return Object.fromEntries(found);
}

/** A response of an operation. It ends when its `close` is emitted. */
function respond(statusCode: number, locals = {}, writableFinished = true) {
  const res = Object.assign(new EventEmitter(), { statusCode, locals, writableFinished });
  server.emit('request', {}, res as unknown as ServerResponse);
  return res;
}

/** A command of node-redis, from its start to its end. */
function command(name: string, error?: Error): void {
  const channel = tracingChannel('node-redis:command');
  const context = { command: name, args: [name], serverAddress: 'a', ...(error && { error }) };
  channel.start.publish(context);
  channel.asyncEnd.publish(context);
}

test('requests are in progress until they end, and are counted by operation and status', async () => {
  const responses = [
    respond(200, { operationId: 'liveness' }),
    respond(429, { operationId: 'keys.verifyKey' }),
    respond(404),
    respond(200, { operationId: 'liveness' }, false),
  ];
  expect(await seriesOf('portico_http_requests_in_flight')).toEqual({ '': 4 });
  for (const res of responses) res.emit('close');
  expect(await seriesOf('portico_http_requests_in_flight')).toEqual({ '': 0 });
  expect(await seriesOf('portico_http_request_duration_seconds')).toEqual({
    'operation="liveness",code="200"': 1,
    'operation="keys.verifyKey",code="429"': 1,
    'operation="none",code="404"': 1,
    'operation="liveness",code="aborted"': 1,
  });
  expect(await seriesOf('portico_http_rate_limited_requests_total')).toEqual({ 'operation="keys.verifyKey"': 1 });
});

test('connections and readiness are read at each scrape', async () => {
  expect(await seriesOf('portico_http_connections')).toEqual({ '': 7 });
  expect(await seriesOf('portico_ready')).toEqual({ '': 0 });
  ready = true;
  expect(await seriesOf('portico_ready')).toEqual({ '': 1 });
});

test('a duration is in seconds', async () => {
  jest.spyOn(performance, 'now').mockReturnValueOnce(1000).mockReturnValueOnce(2500);
  respond(200, { operationId: 'readiness' }).emit('close');
  const sums = await registry.getSingleMetricAsString('portico_http_request_duration_seconds');
  expect(sums).toContain('_sum{operation="readiness",code="200"} 1.5\n');
});

/** Everything that a server counts beside requests. */
function happen(): void {
  sessionCreated.publish(undefined);
  sessionExchanged.publish(undefined);
  keyVerified.publish({ outcome: 'VALID', count: 3 });
  command('GET');
  command('SET', new Error('any'));
}
const counted = async () => ({
  created: await seriesOf('portico_sessions_minted_total'),
  exchanged: await seriesOf('portico_sessions_exchanged_total'),
  verified: await seriesOf('portico_verifications_total'),
  commands: await seriesOf('portico_redis_command_duration_seconds'),
  failed: await seriesOf('portico_redis_command_errors_total'),
});

test('events and commands are counted, and a stopped server counts nothing', async () => {
  happen();
  const once = {
    created: { '': 1 },
    exchanged: { '': 1 },
    verified: { 'outcome="VALID"': 3 },
    commands: { 'command="GET"': 1, 'command="SET"': 1 },
    failed: { 'command="SET",reason="other"': 1 },
  };
  expect(await counted()).toEqual(once);
  stop();
  happen();
  expect(await counted()).toEqual(once);
});
