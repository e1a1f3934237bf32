import { isUtf8 } from 'node:buffer';
import type { Request, Response } from 'express';
import { addressOf } from '../../domain/networks.ts';
import type { Author } from '../../domain/workspaces/audit.ts';
import { redactMadeUp } from '../../redact.ts';
import { requestIdOf } from '../request.ts';

/** What would change the line of a terminal or a page that shows the text. */
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The text of a header. Node reads its bytes as Latin-1; a client that sends others than ASCII nearly always means UTF-8. */
function textOf(header: string): string {
  const bytes = Buffer.from(header, 'latin1');
  return (isUtf8(bytes) ? bytes.toString() : header).replaceAll(invisible, '\u{fffd}');
}

/** The caller and their request, as the audit log records them. */
export function authorOf<Proof>(req: Request, res: Response, proof: Proof): Author<Proof> {
  // This header can contain anything, even a credential.
  const { 'user-agent': sent } = req.headers;
  const userAgent = sent && redactMadeUp(textOf(sent)).slice(0, 256).toWellFormed();
  const ip = addressOf(req.ip ?? '');
  return {
    proof,
    ...(ip !== undefined && { ip }),
    ...(userAgent && { userAgent }),
    requestId: requestIdOf(res),
  };
}
