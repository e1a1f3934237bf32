import { expect, test } from '@jest/globals';
import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { tabsOf } from './tabs.ts';

const session: PortalSession = {
  externalId: 'user_123',
  permissions: ['api.*.read_key'],
  tabs: ['docs', 'billing', 'keys'],
  preview: false,
  expiresAt: 0,
  portal: { slug: 'my-portal', branding: { primaryColor: '#2563eb' } },
};

test('a tab of a newer server is not shown', () => {
  expect(tabsOf(session)).toEqual(['docs', 'keys']);
});
