/** The expected output of a program: its steps and the errors that it decoded. */
import { type ErrorCode, errors } from '../../generated/errors.ts';

/** The steps of `flow`, in order: the operation, and what the program reads from its response. */
const steps: [operation: string, value: RegExp][] = [
  ['liveness', /^alive$/],
  ['readiness', /^ready$/],
  ['apis.createApi', /^api_\w+$/],
  ['portal.createConfiguration', /^portal_\w+$/],
  // A timestamp needs more than 32 bits.
  ['portal.createSession', /^\d{13}$/],
  ['portal.exchangeSession', /^\d{13}$/],
  ['portal.getSession', /^user_1 keys,analytics,docs$/],
  ['portal.listApis', /^Payments false$/],
  ['portal.createKey', /^key_\w+$/],
  // `team` of the key's metadata, which has no schema.
  ['portal.listKeys', /^1 First key billing$/],
  // `null` clears; a client must be able to send it.
  ['portal.updateKey', /^no name$/],
  ['portal.rerollKey', /^key_\w+$/],
  ['keys.verifyKey', /^VALID user_1$/],
  ['portal.getVerifications', /^1$/],
  ['portal.deleteKey', /^key_\w+$/],
  ['keys.verifyKey', /^NOT_FOUND$/],
  ['portal.listSessions', /^1 active$/],
  ['portal.revokeSessions', /^1$/],
  ['portal.endSession', /^ended$/],
  ['auditLogs.listEntries', /^session\.end user$/],
];

/** The errors that `flow` causes, in order. */
export const provoked = [
  'unkey/authentication/missing',
  'unkey/authentication/malformed',
  'unkey/authentication/key_not_found',
  'unkey/authentication/portal_token_missing',
  'unkey/authentication/portal_session_not_found',
  'unkey/authorization/insufficient_permissions',
  'unkey/authorization/workspace_disabled',
  'unkey/authorization/foreign_origin',
  'unkey/application/invalid_input',
  'user/bad_request/request_body_too_large',
  'user/bad_request/route_not_found',
  'user/idempotency/key_reused',
  'unkey/data/portal_config_not_found',
  'unkey/data/portal_config_already_exists',
  'unkey/data/portal_config_version_conflict',
  'unkey/data/api_not_found',
  'unkey/data/key_not_found',
  'unkey/data/key_retired',
  'unkey/data/key_limit_exceeded',
  'user/too_many_requests/rate_limited',
  'unkey/data/openapi_document_not_found',
  'unkey/data/openapi_document_unavailable',
  'unkey/authorization/forbidden',
  'unkey/application/service_unavailable',
] as const satisfies readonly ErrorCode[];

/** The other errors of the catalogue, and why no program causes them. They have the same schema. */
export const notProvoked: Record<Exclude<ErrorCode, (typeof provoked)[number]>, string> = {
  'unkey/application/unexpected_error': 'an unknown defect of the server',
  'unkey/authorization/key_managed': 'a backend that manages the key of the user',
  'unkey/authorization/wrong_host': 'as the other 403 of a session',
  'unkey/data/portal_hostname_taken': 'as the other 409 of a portal',
  'unkey/authentication/other_user_signed_in': 'a browser, with the cookie of another user',
  'unkey/data/limit_exceeded': 'takes a thousand records to reach',
  'unkey/data/identity_deletion_in_progress': 'a race',
  'unkey/data/identity_not_found': 'as the 404 of a portal, an API or a key',
  'unkey/data/workspace_not_found': 'nothing deletes a workspace',
  'user/bad_request/unsupported_media_type': 'a generated client sends no other media type',
  'user/bad_request/request_headers_too_large': 'broken HTTP, which no client sends',
  'user/bad_request/request_timeout': 'a client that sends too slowly',
  'user/bad_request/method_not_allowed': 'a generated client knows no other method',
  'user/idempotency/request_in_progress': 'a race',
};

const codeOf = (type: string) => /\/errors\/(.+)$/.exec(type)?.[1];

/** The fault in a line `error <status> <type> <requestId> …` that should report this error, or undefined. */
function wrongError(line: string, code: ErrorCode, answered: ReadonlyMap<string, number>): string | undefined {
  const [, status, type = '', requestId = '', rest] = /^error (\d+) (\S+) (\S+)(?: (.+))?$/.exec(line) ?? [];
  if (codeOf(type) !== code || Number(status) !== errors[code].status) return `"${line}" is not ${code}`;
  if (answered.get(requestId) !== Number(status)) return `"${line}": the server logged no such request`;
  // A 400 lists validation errors, so clients have another type for it.
  if (code === 'unkey/application/invalid_input' && rest !== 'body')
    return `"${line}" does not name the location: body`;
  return undefined;
}

/**
 * The faults in the output of a flow.
 *
 * @param answered the status of each response of the server, by request id
 * @returns one line per fault
 */
export function faultsOf(output: string, answered: ReadonlyMap<string, number>): string[] {
  const lines = output.trim().split('\n');
  const linesOf = (kind: string) => lines.filter((line) => line.startsWith(`${kind} `));
  const [gone, decoded] = [linesOf('ok'), linesOf('error')];
  const faults = steps.flatMap(([operation, value], i) => {
    const [, name, read = ''] = /^ok (\S+) (.*)$/.exec(gone[i] ?? '') ?? [];
    return name === operation && value.test(read) ? [] : [`step ${i + 1}, ${operation}: "${gone[i] ?? 'nothing'}"`];
  });
  faults.push(...provoked.flatMap((code, i) => wrongError(decoded[i] ?? 'nothing', code, answered) ?? []));
  const others = lines.length - steps.length - provoked.length;
  return others === 0 ? faults : [...faults, `${others} lines more than expected:\n${output}`];
}
