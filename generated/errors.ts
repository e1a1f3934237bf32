// Generated from openapi.yaml by scripts/generate.ts. Do not edit: change the spec and run `npm run generate`.

/**
 * The error catalogue: the status, title and detail of each code. The thrower fills in the `{parameters}` of a detail.
 */
export const errors = {
  'unkey/authentication/missing': {"status":401,"title":"Unauthorized","detail":"Authentication is required. Send a root key as a bearer token."},
  'unkey/authentication/malformed': {"status":401,"title":"Unauthorized","detail":"The Authorization header must have the form \"Bearer <key>\"."},
  'unkey/authentication/key_not_found': {"status":401,"title":"Unauthorized","detail":"The root key is unknown or has been revoked."},
  'unkey/authentication/portal_token_missing': {"status":401,"title":"Unauthorized","detail":"A portal session token is required for this request."},
  'unkey/authentication/portal_session_not_found': {"status":401,"title":"Unauthorized","detail":"Session is invalid, expired, or has already been used."},
  'unkey/authorization/insufficient_permissions': {"status":403,"title":"Forbidden","detail":"The permission \"{permission}\" is required."},
  'unkey/authorization/forbidden': {"status":403,"title":"Forbidden","detail":"Portal is disabled."},
  'unkey/authorization/workspace_disabled': {"status":403,"title":"Forbidden","detail":"The workspace is disabled."},
  'unkey/authorization/foreign_origin': {"status":403,"title":"Forbidden","detail":"The server does not accept the session cookie from pages of other origins."},
  'unkey/data/portal_config_not_found': {"status":404,"title":"Not Found","detail":"Portal configuration not found."},
  'unkey/data/workspace_not_found': {"status":404,"title":"Not Found","detail":"Workspace not found."},
  'unkey/data/api_not_found': {"status":404,"title":"Not Found","detail":"API not found."},
  'unkey/data/key_not_found': {"status":404,"title":"Not Found","detail":"Key not found."},
  'unkey/data/portal_config_already_exists': {"status":409,"title":"Conflict","detail":"A portal with this slug already exists."},
  'unkey/data/portal_config_version_conflict': {"status":409,"title":"Conflict","detail":"The portal configuration has changed since this version."},
  'unkey/data/key_limit_exceeded': {"status":409,"title":"Conflict","detail":"A user can have at most {limit} keys per API."},
  'unkey/data/key_retired': {"status":409,"title":"Conflict","detail":"The key has been rerolled or has expired."},
  'unkey/data/openapi_document_not_found': {"status":404,"title":"Not Found","detail":"The portal has no OpenAPI document."},
  'unkey/data/openapi_document_unavailable': {"status":502,"title":"Bad Gateway","detail":"The OpenAPI document is unavailable: {reason}."},
  'unkey/application/invalid_input': {"status":400,"title":"Bad Request","detail":"The request is invalid. \"errors\" lists each problem and how to fix it."},
  'unkey/application/unexpected_error': {"status":500,"title":"Internal Server Error","detail":"An unexpected error occurred. Include the request id when you report it."},
  'unkey/application/service_unavailable': {"status":503,"title":"Service Unavailable","detail":"The service is temporarily unavailable. Try again."},
  'user/bad_request/request_body_too_large': {"status":413,"title":"Content Too Large","detail":"The request body is larger than 100 kB."},
  'user/bad_request/request_headers_too_large': {"status":431,"title":"Request Header Fields Too Large","detail":"The request line and the headers are larger than 16 kB."},
  'user/bad_request/request_timeout': {"status":408,"title":"Request Timeout","detail":"The request did not arrive in time."},
  'user/bad_request/unsupported_media_type': {"status":415,"title":"Unsupported Media Type","detail":"The request body must be application/json."},
  'user/bad_request/route_not_found': {"status":404,"title":"Not Found","detail":"This path does not exist."},
  'user/bad_request/method_not_allowed': {"status":405,"title":"Method Not Allowed","detail":"This path does not support this method. The Allow header lists the supported methods."},
  'user/idempotency/key_reused': {"status":422,"title":"Unprocessable Content","detail":"This Idempotency-Key was already used with another request body."},
  'user/idempotency/request_in_progress': {"status":409,"title":"Conflict","detail":"A request with this Idempotency-Key is still in progress."},
  'user/too_many_requests/rate_limited': {"status":429,"title":"Too Many Requests","detail":"Too many requests. Try again later."},
} as const;

/** `{system}/{category}/{code}`: the part of `error.type` that identifies an error. */
export type ErrorCode = keyof typeof errors;
