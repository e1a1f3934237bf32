/**
 * The promises of the contract without a check, each with its reason. The lists may only shrink: a test fails if an entry
 * is no longer needed, or if there are more entries than `maxExceptions`.
 */

/** Request constraints that no known request breaks alone, by `operation › constraint`. */
export const uncheckedPromises: Record<string, string> = {};

/** Response fields that no check produces, as `operation status pointer`. */
export const unseenFields: Record<string, string> = {};

/** Errors of the catalogue that no operation returns. */
export const unansweredErrors: Record<string, string> = {
  'user/bad_request/method_not_allowed':
    'returned for another method at the path of an operation; flows/routing checks it',
  'user/bad_request/route_not_found': 'returned for an unknown path; flows/routing checks it',
  'user/bad_request/request_headers_too_large':
    'returned before the server knows the operation; tests/hostile checks it',
  'user/bad_request/request_timeout': 'returned before the server knows the operation; tests/hostile checks it',
};

/** The maximum number of exceptions. Lower it when you remove one; never raise it. */
export const maxExceptions = 4;
