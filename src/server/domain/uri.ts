/** Characters of RFC 3986, appendix A: unreserved characters, sub-delimiters, and `%` of percent-encoding. */
const plain = "A-Za-z0-9._~!$&'()*+,;=%-";
const uri = new RegExp(
  `^[a-z][a-z\\d+.-]*://([${plain}:]*@)?([${plain}]+|\\[[\\dA-Fa-f:.]+\\])(:\\d*)?(/[${plain}:@/]*)?(\\?[${plain}:@/?]*)?(#[${plain}:@/?]*)?$`,
);
/** A `%` that encodes nothing. */
const brokenEncoding = /%(?![\dA-Fa-f]{2})/;

/**
 * Whether this is a URI with a host (RFC 3986) that a browser can open (WHATWG URL): the one meaning of `format: uri`. Browsers
 * and `new URL` take more, and repair it silently: spaces, control characters, other scripts.
 */
export const isUri = (text: string): boolean => uri.test(text) && !brokenEncoding.test(text) && URL.canParse(text);
