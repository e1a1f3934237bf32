/**
 * The ETag of a version of the data (RFC 9110, section 8.8.3). Weak, because each response also has the id of its request. A version
 * has no quotes and no commas.
 */
export const tagOf = (version: string): string => `W/"${version}"`;

/**
 * Whether an `If-None-Match` header names the ETag (RFC 9110, section 13.1.2), by the weak comparison. Operations that only read
 * treat it as `GET` does, although they are called by `POST`.
 */
export const isKnownTag = (header: string | undefined, tag: string): boolean =>
  (header ?? '').split(',').some((each) => {
    const known = each.trim();
    return known === '*' || `W/${known.replace(/^W\//, '')}` === tag;
  });
