import type { RequestHandler, Response } from 'express';
import { newId } from '../domain/credentials.ts';

/** Gives every request its id, before anything can go wrong with it. */
export const assignRequestId: RequestHandler = (_req, res, next) => {
  res.locals['requestId'] = newId('req');
  next();
};

/** The id of the request that this response answers. */
export const requestIdOf = (res: Response): string => res.locals['requestId'];
