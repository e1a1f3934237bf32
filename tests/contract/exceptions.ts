/**
 * What the contract promises and no check looks at, each with its reason. The lists may only shrink: a test fails where
 * one is not needed any more, and where there are more of them than there were.
 */

/** Request constraints for which no request is known that breaks them alone, by `operation › constraint`. */
export const uncheckedPromises: Record<string, string> = {};

/** Fields of answers that no check brings about, as `operation status pointer`. */
export const unseenFields: Record<string, string> = {};

/** Errors of the catalogue that no operation answers. */
export const unansweredErrors: Record<string, string> = {
  'user/bad_request/method_not_allowed': 'answered at an operation’s path by another method; flows/routing looks at it',
  'user/bad_request/route_not_found': 'answered where no operation is; flows/routing looks at it',
  'user/bad_request/request_headers_too_large':
    'answered before it is known which operation is asked for; tests/hostile looks at it',
  'user/bad_request/request_timeout':
    'answered before it is known which operation is asked for; tests/hostile looks at it',
};

/** How many exceptions there may be. Lower it with every one that goes; never raise it. */
export const maxExceptions = 4;
