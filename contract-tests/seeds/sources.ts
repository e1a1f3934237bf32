/** The public pages that the profile `seeds` quotes. */
import type { Source } from '../engine/source.ts';

const docs = 'https://unkey.com/docs';
const source =
  (path: string) =>
  (quote: string): Source => ({ page: `${docs}/${path}`, quote });

/** The guide of the customer portal. */
export const guide = source('quickstart/portal');
/** The page of the error portal_config_not_found. */
export const configNotFound = source('errors/unkey/data/portal_config_not_found');
/** The page of the error portal_token_missing. */
export const tokenMissing = source('errors/unkey/authentication/portal_token_missing');
/** The page of the error portal_session_not_found. */
export const sessionNotFound = source('errors/unkey/authentication/portal_session_not_found');
