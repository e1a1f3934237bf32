import type { RequestHandler } from 'express';
import { Problem } from '../problem.ts';

/** Nothing is at this path. */
export const routeNotFound: RequestHandler = () => {
  throw new Problem('user/bad_request/route_not_found');
};
