/** Sends the calls of a step to a server, and compares what comes back with what the model says. */
import { randomUUID } from 'node:crypto';
import { expect } from 'expect';
import { type OperationId, operations } from '../../../generated/operations.ts';
import type { Step } from './model.ts';
import { Named } from './world.ts';

/** The server does something else than the model. */
export class Divergence extends Error {}

/** @throws Error with the difference */
const mustEqual = (found: unknown, wanted: unknown) => expect(found).toEqual(wanted);

/** A call that was sent, for the script. */
export interface SentCall {
  operation: OperationId;
  bearer: Named | undefined;
  body: object | undefined;
  idempotencyKey?: string | undefined;
  binds: Record<string, Named>;
}

interface Envelope {
  data?: unknown;
  error?: { type: string; detail: string };
  pagination?: { hasMore: boolean; cursor?: string };
}

/** Sends calls to a server, and stores them. */
export class Caller {
  readonly url: string;
  readonly sent: SentCall[] = [];

  constructor(url: string) {
    this.url = url;
  }

  async send(call: SentCall): Promise<Envelope> {
    const { operation, bearer, body, idempotencyKey } = call;
    this.sent.push(call);
    const { method, path } = operations[operation];
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer.value}` }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Envelope;
  }
}

/** How many pages of one list are read at most: no list of a run is longer. */
const maxPages = 300;

/** Sends a step, the following pages of a list, and the repetition of a request that is safe to repeat. */
async function sendStep(caller: Caller, operation: OperationId, step: Step): Promise<Envelope> {
  const isGet = operations[operation].method === 'get';
  const call: SentCall = {
    ...{ operation, bearer: step.bearer, body: isGet ? undefined : (step.body ?? {}), binds: { ...step.binds } },
    ...(step.twice && { idempotencyKey: randomUUID() }),
  };
  const first = await caller.send(call);
  if (step.twice) {
    const again = await caller.send({ ...call, binds: {} });
    mustEqual(again.data, first.data);
  }
  if (first.pagination === undefined || !Array.isArray(first.data)) return first;
  const items = [...first.data];
  let [sent, page] = [call, first];
  for (let pages = 1; page.pagination?.hasMore; pages++) {
    if (pages > maxPages) throw new Error('the list does not end');
    const { cursor } = page.pagination;
    sent.binds['cursor'] = new Named('CURSOR', cursor);
    sent = { ...call, body: { ...step.body, cursor }, binds: {} };
    page = await caller.send(sent);
    items.push(...(page.data as unknown[]));
  }
  return { ...first, data: items };
}

type Item = Record<string, unknown> & { actor?: { id?: string } };

/** What tells the items of a list apart. Entries of the audit log have nothing, and all of their fields are compared. */
const idOf = (item: Item): string =>
  item['action'] === undefined
    ? String(item['keyId'] ?? item['portalId'] ?? item['apiId'] ?? item.actor?.id ?? item['externalId'])
    : JSON.stringify(item);
const sorted = (items: unknown[]) => (items as Item[]).toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));

/** Lists are newest first, and users in the order of their identifiers. */
function checkOrder(items: Item[]): void {
  for (const [i, item] of items.entries()) {
    const before = items[i - 1];
    if (before === undefined) continue;
    const names = item['identityId'] === undefined ? ['createdAt', 'time'] : [];
    for (const name of names) {
      if (Number(before[name]) < Number(item[name]))
        throw new Error(`the list is not newest first: ${JSON.stringify(items)}`);
    }
    if (item['identityId'] !== undefined && String(before['externalId']) >= String(item['externalId']))
      throw new Error(`the list is not in the order of externalId: ${JSON.stringify(items)}`);
  }
}

/** The value at a path such as `keys.0.keyId`. The handle of a session is that of the item with its person. */
function valueAt(data: unknown, path: string): unknown {
  const person = path.startsWith('handle of ') ? path.slice('handle of '.length) : undefined;
  if (person !== undefined) return (data as Item[]).find(({ actor }) => actor?.id === person)?.['handle'];
  return path.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], data);
}

/**
 * Sends a step, and makes its changes to the model.
 *
 * @throws Divergence if the response is not the one that the model expects
 */
export async function run(caller: Caller, operation: OperationId, step: Step): Promise<void> {
  const { data, error, see = (found) => found, binds = {} } = step;
  try {
    const response = await sendStep(caller, operation, step);
    const code = response.error?.type.replace(/^.*\/errors\//, '');
    if (error !== undefined || code !== undefined) {
      mustEqual({ error: code, ...(code !== error && { detail: response.error?.detail }) }, { error });
      return;
    }
    const look = see as (found: unknown) => unknown;
    if (response.pagination === undefined) mustEqual(look(response.data), data);
    else {
      const items = response.data as Item[];
      checkOrder(items);
      mustEqual(sorted(items.map(look).filter((item) => item !== undefined)), sorted(data as unknown[]));
    }
    for (const [path, named] of Object.entries(binds)) {
      const value = valueAt(response.data, path);
      if (named.value !== undefined && named.value !== value)
        throw new Error(`${named.name} is ${value} now, and was ${named.value}`);
      named.value = String(value);
    }
    step.effect?.();
  } catch (cause) {
    throw new Divergence(`${operation}: ${(cause as Error).message}`, { cause });
  }
}
