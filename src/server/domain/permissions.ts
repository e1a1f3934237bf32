import type { Known } from '../../../generated/known-values.ts';

const keyActions = new Set(['read_key', 'create_key', 'update_key', 'delete_key']);

const tuple = /^(\*|[\w-]+)\.(\*|[\w-]+)\.(\*|[\w-]+)$/;

/** Whether this is a tuple that a root key can have: three segments, each of which can be `*`. */
export const isPermission = (text: string): boolean => tuple.test(text);

/**
 * Whether a granted tuple covers a required one. Both are `{resourceType}.{resourceId}.{action}`; segment by segment a
 * granted `*` covers everything, and anything else covers only itself.
 */
export function covers(granted: string, required: string): boolean {
  const have = granted.split('.');
  const want = required.split('.');
  return have.length === want.length && have.every((segment, i) => segment === '*' || segment === want[i]);
}

/** Whether one of the granted tuples has the type and the action of the required one, on any resource. */
export const holdsForSome = (granted: readonly string[], required: string): boolean => {
  const [type, , action] = required.split('.');
  return granted.some((tuple) => covers(tuple, `${type}.${tuple.split('.')[1]}.${action}`));
};

/** The first of the required tuples that none of the granted ones covers, or undefined where all are covered. */
export function firstMissing(granted: readonly string[], required: readonly string[]): string | undefined {
  return required.find((tuple) => !granted.some((candidate) => covers(candidate, tuple)));
}

/**
 * The tabs that a session with these permissions sees, in the order of its portal. By default, and after those that the portal has put
 * in an order, that is keys, analytics, docs, account.
 */
export function visibleTabs(permissions: readonly string[], ordered: readonly { tab: string }[] = []): Known<'Tab'>[] {
  const actions = permissions.map((tuple) => tuple.split('.')[2] ?? '');
  const visible: Known<'Tab'>[] = [
    ...(actions.some((action) => keyActions.has(action)) ? (['keys'] as const) : []),
    ...(actions.includes('read_analytics') ? (['analytics'] as const) : []),
    ...(permissions.length > 0 ? (['docs'] as const) : []),
    ...(actions.includes('read_account') ? (['account'] as const) : []),
  ];
  const first = ordered.flatMap(({ tab }) => visible.find((each) => each === tab) ?? []);
  return [...new Set([...first, ...visible])];
}

/** The tab that the link of a session opens. A session that may do nothing sees only the documentation. */
export const firstTab = (
  { permissions, tab }: { permissions: readonly string[]; tab?: Known<'Tab'> },
  ordered?: readonly { tab: string }[],
): Known<'Tab'> => tab ?? visibleTabs(permissions, ordered)[0] ?? 'docs';
