import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { MIMEType } from 'node:util';
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { BodyLimits } from '../../../../generated/operations.ts';
import { invalidInput, Problem } from '../../problem.ts';
import { parseJson } from './json-text.ts';

/** Reads the bytes of a body of up to this size, decompressed. */
const rawReaders = new Map<number, RequestHandler>();

function rawReader(limit: number): RequestHandler {
  const reader = rawReaders.get(limit) ?? express.raw({ limit, type: () => true });
  rawReaders.set(limit, reader);
  return reader;
}

/** The size as the errors name it, such as `100 kB`. */
const sizeOf = (bytes: number): string => (bytes < 2 ** 20 ? `${bytes / 1024} kB` : `${bytes / 2 ** 20} MB`);

const hasBody = (headers: Record<string, string | string[] | undefined>) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** An error of body-parser: `type` is the reason. A body that does not match its Content-Encoding has a `code` of zlib. */
const isBodyError = (error: unknown): error is Error & { type?: string; code?: string } =>
  error instanceof Error && ('type' in error || /^(Z_|ERR_|BROTLI_)/.test(String((error as { code?: unknown }).code)));

function problemOf(error: Error & { type?: string; code?: string }, limit: number): Error {
  switch (error.type) {
    case 'entity.too.large':
      return new Problem('user/bad_request/request_body_too_large', { parameters: { limit: sizeOf(limit) } });
    case 'encoding.unsupported':
      return new Problem('user/bad_request/unsupported_media_type');
    case 'encoding.invalid':
    case 'request.aborted':
    case 'request.size.invalid':
      return invalidInput({ location: 'body', message: 'could not be read', fix: 'Send the whole body as declared.' });
    case undefined:
      return invalidInput({
        location: 'body',
        message: 'could not be decompressed',
        fix: 'Compress the body as Content-Encoding says, or leave the header out.',
      });
    default:
      return error;
  }
}

/** Whether a body is what nearly every client sends: of known length, not compressed, and in UTF-8. */
const isPlain = (headers: IncomingHttpHeaders, limit: number) =>
  headers['content-type'] === 'application/json' &&
  headers['content-encoding'] === undefined &&
  headers['transfer-encoding'] === undefined &&
  Number(headers['content-length']) <= limit;

/**
 * The bytes of a plain body. Removes its listeners at the end: listeners that stay until the request closes survive a garbage
 * collection, and that cost more than the reading.
 */
const plainBytes = (req: IncomingMessage) =>
  new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
    };
    const end = () => {
      req.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
    };
    const onEnd = () => {
      end();
      resolve(Buffer.concat(chunks));
    };
    const onCut = () => {
      end();
      reject(Object.assign(new Error('cut short'), { type: 'request.aborted' }));
    };
    req.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });

/** The bytes of every other body, read by body-parser. */
const otherBytes = (req: Request, res: Response, limit: number) =>
  new Promise<Buffer>((resolve, reject) => {
    // It leaves a body of no bytes as it was.
    rawReader(limit)(req, res, (error?: unknown) => (error ? reject(error) : resolve(req.body ?? Buffer.alloc(0))));
  });

/** Whether the media type is JSON in UTF-8, the only encoding of JSON between systems (RFC 8259, section 8.1). */
function isJson(req: Request): boolean {
  if (!req.is('application/json')) return false;
  try {
    const charset = new MIMEType(String(req.headers['content-type'])).params.get('charset') ?? 'utf-8';
    return charset.toLowerCase() === 'utf-8';
  } catch {
    return false;
  }
}

/** The value of a body. Bytes that are not UTF-8 would become the same character, and two users the same. */
function jsonOf(bytes: Buffer, limits: BodyLimits): unknown {
  if (!isUtf8(bytes)) {
    throw invalidInput({ location: 'body', message: 'is not valid UTF-8', fix: 'Encode the body in UTF-8.' });
  }
  try {
    return parseJson(bytes.toString('utf8'), limits);
  } catch (error) {
    if (error instanceof Problem) throw error;
    // The message of the parser repeats the input, so it is not returned.
    throw invalidInput({ location: 'body', message: 'is not well-formed JSON', fix: 'Send one JSON object.' });
  }
}

/**
 * Reads the bytes of a body to their end, or up to the limit. The returned function parses them as JSON, and returns undefined
 * if there is no body: validation handles that, because some operations take none. So a caller can be authenticated in between,
 * as late as possible, and a stranger learns nothing about their input.
 *
 * @returns a function that throws Problem invalid_input, unsupported_media_type, request_body_too_large
 */
export async function readBody(req: Request, res: Response, limits: BodyLimits): Promise<() => unknown> {
  // body-parser would take an empty body for `{}`.
  if (!hasBody(req.headers)) return () => undefined;
  try {
    const plain = isPlain(req.headers, limits.bytes);
    if (!plain && !isJson(req)) throw new Problem('user/bad_request/unsupported_media_type');
    const bytes = await (plain ? plainBytes(req) : otherBytes(req, res, limits.bytes));
    return () => jsonOf(bytes, limits);
  } catch (error) {
    return () => {
      throw isBodyError(error) ? problemOf(error, limits.bytes) : error;
    };
  }
}
