/** The "Try it" page: Swagger UI with the OpenAPI document of this server. */
import { type ReactNode, StrictMode, useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { SwaggerDocument } from '../../ui/swagger-ui/swagger-document.tsx';

/** The labels of the credential fields, by security scheme. The browser sends the cookie, so it needs no field. */
const fields = { rootKey: 'Root key', portalSessionBearer: 'Browser session token' } as const;

function Credential({
  label,
  hint,
  onChange,
}: {
  label: string;
  hint: string;
  onChange: (value: string) => void;
}): ReactNode {
  return (
    <label className="credential">
      {label}
      <input
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder={hint}
        onChange={({ target }) => onChange(target.value.trim())}
      />
    </label>
  );
}

function Try() {
  const [document, setDocument] = useState<object>();
  const [hasFailed, setHasFailed] = useState(false);
  const [rootKey, setRootKey] = useState('');
  const [token, setToken] = useState('');
  const credentials = useMemo(() => ({ rootKey, portalSessionBearer: token }), [rootKey, token]);

  useEffect(() => {
    fetch('/openapi.json')
      .then(async (response) => {
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        const contract = await response.json();
        setDocument({ ...contract, servers: [{ url: location.origin, description: 'This server' }] });
      })
      .catch(() => setHasFailed(true));
  }, []);

  return (
    <>
      <h2>Credentials</h2>
      <div className="credentials">
        <Credential label={fields.rootKey} hint="rk_…" onChange={setRootKey} />
        <Credential label={fields.portalSessionBearer} hint="ps_…" onChange={setToken} />
      </div>
      <h2>Operations</h2>
      {hasFailed && <p role="alert">The OpenAPI document could not be loaded. Reload the page to try again.</p>}
      {document === undefined && !hasFailed && <p role="status">Loading…</p>}
      {document !== undefined && (
        <SwaggerDocument of="ours" document={document} credentials={credentials} operationsOnly />
      )}
    </>
  );
}

const host = document.getElementById('try');
if (host !== null) {
  createRoot(host).render(
    <StrictMode>
      <Try />
    </StrictMode>,
  );
}
