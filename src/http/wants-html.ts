import type { Request } from 'express';

/** Whether this is a person's browser, which asks for HTML in so many words; curl and fetch do not. */
export const wantsHtml = (req: Request): boolean => req.headers.accept?.includes('text/html') === true;
