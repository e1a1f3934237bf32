/** The public pages about portal sessions, and their words. */

/** Where a promise of a public page comes from. */
export interface Source {
  /** Address of the page. */
  page: string;
  /** Its words. */
  quote: string;
}

/** Words of a page. */
type Page = (quote: string) => Source;

const docs = 'https://unkey.com/docs';
const source =
  (path: string): Page =>
  (quote) => ({ page: `${docs}/${path}`, quote });

/** The guide of the customer portal. */
export const guide: Page = source('quickstart/portal');
/** The page of the error portal_config_not_found. */
export const configNotFound: Page = source('errors/unkey/data/portal_config_not_found');
/** The page of the error portal_token_missing. */
export const tokenMissing: Page = source('errors/unkey/authentication/portal_token_missing');
/** The page of the error portal_session_not_found. */
export const sessionNotFound: Page = source('errors/unkey/authentication/portal_session_not_found');

/** The errors whose sentence a public page gives, with its words there. The sentences of all others are for people and may change. */
export const sentences: Readonly<Record<string, Source>> = {
  'unkey/authentication/portal_session_not_found': sessionNotFound(
    '"detail": "Session is invalid, expired, or has already been used."',
  ),
  'unkey/authentication/portal_token_missing': tokenMissing(
    '"detail": "A portal session token is required for this request."',
  ),
  'unkey/authorization/forbidden': guide('Portal disabled | 403 | `Portal is disabled.`'),
  'unkey/data/portal_config_not_found': configNotFound('"detail": "Portal configuration not found."'),
};
