/** A body that claims to be JSON, parsed; as text if it is not, which a check of the body then reports. */
export function parsedBody(type: string, text: string): unknown {
  if (type.split(';')[0] !== 'application/json') return text || undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
