import type { Request, Response } from 'express';
import { addressOf } from '../../domain/networks.ts';
import type { Author } from '../../domain/workspaces/audit.ts';
import type { Caller } from '../../operations/operation.ts';
import { redactMadeUp } from '../../redact.ts';
import { recordToVerify } from '../../store/root-keys.ts';
import { requestIdOf } from '../request.ts';

function actorOf(caller: Caller): Author['actor'] {
  // A caller without a credential is known by the session that they exchange.
  if (caller === undefined) return { type: 'user' };
  if ('verification' in caller) return { type: 'root_key', id: recordToVerify(caller).rootKeyId };
  return { type: 'user', id: caller.handle, externalId: caller.grant.externalId };
}

/** The caller as the audit log names them, with the request. */
export function authorOf(req: Request, res: Response, caller: Caller): Author {
  // This header can contain anything, even a credential.
  const { 'user-agent': sent } = req.headers;
  const userAgent = sent && redactMadeUp(sent).slice(0, 256);
  const ip = addressOf(req.ip ?? '');
  return {
    actor: actorOf(caller),
    ...(ip !== undefined && { ip }),
    ...(userAgent && { userAgent }),
    requestId: requestIdOf(res),
  };
}
