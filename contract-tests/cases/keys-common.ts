import type { Case, CaseRequest, Fixture } from '../engine/case.ts';
import {
  bodyCases,
  optionalBodyCase,
  portalSessionCases,
  requiredBodyCase,
  rootKeyCases,
  storeCases,
} from './common.ts';

type Row = Omit<Case, 'operation'>;

/** A well-formed id of no key. */
export const unknownKeyId = 'key_neverWas000000000000';
/** A well-formed id of no API. */
export const unknownApiId = 'api_neverWas000000000000';

/** A request with the token of the state's session. */
export const sessionRequest =
  (body: (fixture: Fixture) => unknown) =>
  (fixture: Fixture): CaseRequest => ({ authorization: `Bearer ${fixture.token}`, body: body(fixture) });

/** A request with the root key of the state. */
export const rootKeyRequest =
  (body: (fixture: Fixture) => unknown) =>
  (fixture: Fixture): CaseRequest => ({ authorization: `Bearer ${fixture.rootKey}`, body: body(fixture) });

/** The case of every operation on keys with a root key: a permission on one API is none on another. */
export const otherApiCase = (body: (fixture: Fixture) => unknown): Row => ({
  name: 'a root key with the permission on another API is refused',
  given: 'otherApiRootKey',
  request: rootKeyRequest(body),
  response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
});

/** The cases of a user who changes a key that a backend manages. */
export const managedKeyCase = (body: (keyId: string) => unknown): Row => ({
  name: 'a key that a backend manages is refused',
  given: 'managedKey',
  request: sessionRequest(({ keyId }) => body(String(keyId))),
  response: { status: 403, error: 'unkey/authorization/key_managed' },
});

/** The cases of every operation with a root key on one key. */
export const keyOfAnyUserCases = (body: (keyId: string) => unknown): Row[] => [
  {
    name: 'an unknown key is not found',
    given: 'portal',
    request: rootKeyRequest(() => body(unknownKeyId)),
    response: { status: 404, error: 'unkey/data/key_not_found' },
  },
  {
    name: 'a key of another workspace is not found',
    given: 'foreignWorkspaceKey',
    request: rootKeyRequest(({ keyId }) => body(String(keyId))),
    response: { status: 404, error: 'unkey/data/key_not_found' },
  },
  otherApiCase(({ keyId }) => body(String(keyId))),
  ...rootKeyCases(() => body(unknownKeyId)),
];

/** The response to an invalid body. */
export const invalid = (...locations: string[]) => ({
  status: 400,
  error: 'unkey/application/invalid_input',
  locations,
});

/** The cases of authentication and body of every operation on keys. */
export const keyCallerCases = (body: unknown): Row[] => [
  ...optionalBodyCallerCases(body),
  requiredBodyCase('browserSession', ({ token }) => ({ authorization: `Bearer ${token}` })),
];

/** The same cases for operations whose body is optional. */
export const optionalBodyCallerCases = (body: unknown): Row[] => [
  ...portalSessionCases(body),
  ...bodyCases('browserSession', ({ token }) => ({ authorization: `Bearer ${token}` })),
  ...storeCases(({ token }) => ({ authorization: `Bearer ${token}`, body })),
];

/** The cases of every operation of a user on their account, whose body has no required field. */
export const accountCases = (given: Row['given']): Row[] => [
  {
    name: 'a session without the permission is refused',
    given: 'browserSession',
    request: sessionRequest(() => ({})),
    response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  optionalBodyCase(
    given,
    sessionRequest(() => undefined),
  ),
  ...optionalBodyCallerCases({}),
];

/** The cases of ownership and permission of every operation on one key. */
export const ownKeyCases = (body: (keyId: string) => unknown): Row[] => [
  {
    name: 'an unknown key is not found',
    given: 'keyUser',
    request: sessionRequest(() => body(unknownKeyId)),
    response: { status: 404, error: 'unkey/data/key_not_found' },
  },
  {
    name: "another user's key is not found",
    given: 'foreignKey',
    request: sessionRequest(({ keyId }) => body(String(keyId))),
    response: { status: 404, error: 'unkey/data/key_not_found' },
  },
  {
    name: 'a session without the permission is refused',
    given: 'keyWithoutPermissions',
    request: sessionRequest(({ keyId }) => body(String(keyId))),
    response: { status: 403, error: 'unkey/authorization/insufficient_permissions' },
  },
  ...keyCallerCases(body(unknownKeyId)),
];
