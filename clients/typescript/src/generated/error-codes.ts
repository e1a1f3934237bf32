// Generated from openapi.yaml by scripts/generate.ts. Do not edit: change the spec and run `npm run generate`.

/** The code of every error that this version of the client knows. */
export const errorCodes = [
  'unkey/authentication/missing',
  'unkey/authentication/malformed',
  'unkey/authentication/key_not_found',
  'unkey/authentication/portal_token_missing',
  'unkey/authentication/portal_session_not_found',
  'unkey/authorization/insufficient_permissions',
  'unkey/authorization/forbidden',
  'unkey/authorization/workspace_disabled',
  'unkey/authorization/foreign_origin',
  'unkey/data/portal_config_not_found',
  'unkey/data/workspace_not_found',
  'unkey/data/api_not_found',
  'unkey/data/key_not_found',
  'unkey/data/portal_config_already_exists',
  'unkey/data/portal_config_version_conflict',
  'unkey/data/key_limit_exceeded',
  'unkey/data/key_retired',
  'unkey/data/openapi_document_not_found',
  'unkey/data/openapi_document_unavailable',
  'unkey/application/invalid_input',
  'unkey/application/unexpected_error',
  'unkey/application/service_unavailable',
  'user/bad_request/request_body_too_large',
  'user/bad_request/request_headers_too_large',
  'user/bad_request/request_timeout',
  'user/bad_request/unsupported_media_type',
  'user/bad_request/route_not_found',
  'user/bad_request/method_not_allowed',
  'user/idempotency/key_reused',
  'user/idempotency/request_in_progress',
  'user/too_many_requests/rate_limited',
] as const;

/** `{system}/{category}/{code}`: what an error's `type` ends with. */
export type ErrorCode = (typeof errorCodes)[number];
