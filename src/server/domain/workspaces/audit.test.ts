import { expect, test } from '@jest/globals';
import type { RequestSource } from '../../store/audit.ts';
import { changeOf } from './audit.ts';

const actor = { type: 'root_key', id: 'rkid_1' } as const;
const proof = { actor };
const resource = { type: 'portal', id: 'portal_1' } as const;
/** The entry of a change by this root key. */
const entryOf = (from: RequestSource, action: Parameters<typeof changeOf>[1], before?: object, after?: object) =>
  changeOf({ ...from, proof }, action, resource, before, after).entry;

test('a record has the fields that changed, before and after', () => {
  const before = { same: [{ a: 1, b: 2 }], removed: 1, changed: [1] };
  const after = { same: [{ b: 2, a: 1 }], changed: [2], added: 3 };
  expect(entryOf({}, 'portal.update', before, after)).toEqual({
    action: 'portal.update',
    actor,
    resource,
    before: { removed: 1, changed: [1] },
    after: { changed: [2], added: 3 },
  });
});

test('a record of a creation has only the state after it, one of a removal only that before it', () => {
  const state = { name: 'N' };
  expect(entryOf({}, 'portal.create', undefined, state)).toEqual({
    ...{ action: 'portal.create', actor, resource, after: state },
  });
  expect(entryOf({}, 'portal.delete', state)).toEqual({
    ...{ action: 'portal.delete', actor, resource, before: state },
  });
});

test('a record has what is known about its author, and no field for the rest', () => {
  const known = { ip: '192.0.2.1', userAgent: 'agent', requestId: 'req_1' };
  expect(entryOf(known, 'session.end')).toStrictEqual({ ...known, actor, action: 'session.end', resource });
  expect(entryOf({}, 'session.end')).toStrictEqual({ actor, action: 'session.end', resource });
});

test('a change has the proof of its author', () => {
  expect(changeOf({ proof }, 'session.end', resource).proof).toBe(proof);
});
