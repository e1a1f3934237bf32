import { expect, test } from '@jest/globals';
import { commandLine, recordOf } from './audit.ts';

const actor = { type: 'root_key', id: 'rkid_1' } as const;
const resource = { type: 'portal', id: 'portal_1' } as const;

test('a record has the fields that changed, before and after', () => {
  const before = { same: [{ a: 1, b: 2 }], removed: 1, changed: [1] };
  const after = { same: [{ b: 2, a: 1 }], changed: [2], added: 3 };
  expect(recordOf({ actor }, 'portal.update', resource, before, after)).toEqual({
    action: 'portal.update',
    actor,
    resource,
    before: { removed: 1, changed: [1] },
    after: { changed: [2], added: 3 },
  });
});

test('a record of a creation has only the state after it, one of a removal only that before it', () => {
  const state = { name: 'N' };
  expect(recordOf({ actor }, 'portal.create', resource, undefined, state)).toEqual({
    ...{ action: 'portal.create', actor, resource, after: state },
  });
  expect(recordOf({ actor }, 'portal.delete', resource, state)).toEqual({
    ...{ action: 'portal.delete', actor, resource, before: state },
  });
});

test('a record has what is known about its author, and no field for the rest', () => {
  const known = { actor, ip: '192.0.2.1', userAgent: 'agent', requestId: 'req_1' };
  expect(recordOf(known, 'session.end', resource)).toStrictEqual({ ...known, action: 'session.end', resource });
  expect(recordOf({ actor }, 'session.end', resource)).toStrictEqual({ actor, action: 'session.end', resource });
});

test('a change from the command line has no person as its author', () => {
  expect(recordOf(commandLine, 'session.end', resource).actor).toEqual({ type: 'cli' });
});
