import { describe, expect, test } from '@jest/globals';
import { pageRequest, paginationOf } from './pagination.ts';

describe('a cursor', () => {
  const list = { workspaceId: 'ws_1', kind: 'keys', of: 'filter' } as const;
  const { cursor = '' } = paginationOf(list, { items: [], next: '0000000000001:key_ä' });

  test('leads to the place where its page ended, in its own list only', () => {
    expect(pageRequest(list, { cursor })).toEqual({ limit: 20, after: '0000000000001:key_ä' });
    expect(pageRequest(list, { cursor, limit: 7 })).toMatchObject({ limit: 7 });
    expect(pageRequest(list, {})).toEqual({ limit: 20 });
    const others = [
      { ...list, workspaceId: 'ws_2' },
      { ...list, kind: 'apis' as const },
      { ...list, of: 'other' },
      { workspaceId: 'ws_1', kind: 'keys' as const },
    ];
    for (const other of others) expect(() => pageRequest(other, { cursor })).toThrow();
  });

  test.each([
    ['', ''],
    ['without a seal', cursor.split('.')[0]],
    ['with an empty seal', `${cursor.split('.')[0]}.`],
    ['that is longer', `${cursor}0`],
    ['with another place', `${Buffer.from('0000000000002:key_ä').toString('base64url')}.${cursor.split('.')[1]}`],
  ])('%s is refused', (_, forged) => {
    expect(() => pageRequest(list, { cursor: forged })).toThrow();
  });

  test('there is none after the last page', () => {
    expect(paginationOf(list, { items: [] })).toEqual({ hasMore: false });
    expect(paginationOf(list, { items: [], next: 'x' })).toMatchObject({ hasMore: true });
  });
});
