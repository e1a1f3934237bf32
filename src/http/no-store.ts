import type { Response } from 'express';

/** Keeps an answer out of every cache: it may carry a credential, or be about one. */
export const noStore = (res: Response): Response => res.set('Cache-Control', 'no-store');
