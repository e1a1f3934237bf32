import type { Request, Response } from 'express';
import { addressOf } from '../../domain/networks.ts';
import type { Author } from '../../domain/workspaces/audit.ts';
import { redactMadeUp } from '../../redact.ts';
import { requestIdOf } from '../request.ts';

/** The caller and their request, as the audit log records them. */
export function authorOf<Proof>(req: Request, res: Response, proof: Proof): Author<Proof> {
  // This header can contain anything, even a credential.
  const { 'user-agent': sent } = req.headers;
  const userAgent = sent && redactMadeUp(sent).slice(0, 256);
  const ip = addressOf(req.ip ?? '');
  return {
    proof,
    ...(ip !== undefined && { ip }),
    ...(userAgent && { userAgent }),
    requestId: requestIdOf(res),
  };
}
