import type { Request, Response } from 'express';
import type { Author } from '../../domain/workspaces/audit.ts';
import type { Callers } from '../../operations/operation.ts';
import { redactMadeUp } from '../../redact.ts';
import { requestIdOf } from '../request.ts';

function actorOf(caller: Callers[keyof Callers]): Author['actor'] {
  // Whoever has proved nothing becomes someone by what they exchange.
  if (caller === undefined) return { type: 'user' };
  if ('rootKeyId' in caller) return { type: 'root_key', id: caller.rootKeyId };
  return { type: 'user', id: caller.handle, externalId: caller.grant.externalId };
}

/** The caller as the audit log names them, with the request they came by. */
export function authorOf(req: Request, res: Response, caller: Callers[keyof Callers]): Author {
  // Anything can stand in this header, a credential too.
  const { 'user-agent': sent } = req.headers;
  const userAgent = sent && redactMadeUp(sent).slice(0, 256);
  return {
    actor: actorOf(caller),
    ...(req.ip && { ip: req.ip }),
    ...(userAgent && { userAgent }),
    requestId: requestIdOf(res),
  };
}
