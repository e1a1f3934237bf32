import type { Case, CaseRequest, Facts } from '../engine/case.ts';
import { bodyCases, portalSessionCases, requiredBodyCase, storeCases } from './common.ts';

type Row = Omit<Case, 'operation'>;

/** An id of the right form that is nobody's. */
export const nobodysKey = 'key_neverWas000000000000';
/** An id of the right form that is no API's. */
export const noApi = 'api_neverWas000000000000';

/** A request of the state's session. */
export const bySession =
  (body: (facts: Facts) => unknown) =>
  (facts: Facts): CaseRequest => ({ authorization: `Bearer ${facts.token}`, body: body(facts) });

/** The answer to a body that is not as it should be. */
export const invalid = (...locations: string[]) => ({
  status: 400,
  error: 'unkey/application/invalid_input',
  locations,
});

/** What every operation about keys promises of who may call, and of the body. */
export const keyCallerCases = (body: unknown): Row[] => [
  ...optionalBodyCallerCases(body),
  requiredBodyCase('browserSession', ({ token }) => ({ authorization: `Bearer ${token}` })),
];

/** The same of those that need no body. */
export const optionalBodyCallerCases = (body: unknown): Row[] => [
  ...portalSessionCases(body),
  ...bodyCases('browserSession', ({ token }) => ({ authorization: `Bearer ${token}` })),
  ...storeCases(({ token }) => ({ authorization: `Bearer ${token}`, body })),
];

/** What every operation on one key promises of whose key it must be, and of the permission. */
export const ownKeyCases = (body: (keyId: string) => unknown): Row[] => [
  {
    name: 'an unknown key is not found',
    given: 'keyUser',
    request: bySession(() => body(nobodysKey)),
    answer: { status: 404, error: 'unkey/data/key_not_found' },
  },
  {
    name: "another user's key is not found",
    given: 'foreignKey',
    request: bySession(({ keyId }) => body(String(keyId))),
    answer: { status: 404, error: 'unkey/data/key_not_found' },
  },
  {
    name: 'a session without the permission is refused',
    given: 'keyOfPowerless',
    request: bySession(({ keyId }) => body(String(keyId))),
    answer: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  ...keyCallerCases(body(nobodysKey)),
];
