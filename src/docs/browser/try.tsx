/** The "Try it" page: the OpenAPI document of this server. */
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { IntlProvider } from 'use-intl';
import { parseJson } from '../../ui/openapi/json.ts';
import viewer from '../../ui/viewer/texts.ts';
import { Viewer } from '../../ui/viewer/viewer.tsx';

/** The document is ours, and its only server is this one. */
const isCallable = (url: string): boolean => URL.parse(url)?.origin === location.origin;

function Try() {
  const [document, setDocument] = useState<object>();
  const [hasFailed, setHasFailed] = useState(false);

  useEffect(() => {
    fetch('/openapi.json')
      .then(async (response) => {
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        const contract = parseJson(await response.text()) as object;
        setDocument({ ...contract, servers: [{ url: location.origin, description: 'This server' }] });
      })
      .catch(() => setHasFailed(true));
  }, []);

  return (
    <>
      {hasFailed && <p role="alert">The OpenAPI document could not be loaded. Reload the page to try again.</p>}
      {document === undefined && !hasFailed && <p role="status">Loading…</p>}
      {document !== undefined && <Viewer document={document} of="ours" isCallable={isCallable} />}
    </>
  );
}

const host = document.getElementById('try');
if (host !== null) {
  createRoot(host).render(
    <StrictMode>
      <IntlProvider locale="en" messages={{ viewer }} timeZone="UTC">
        <Try />
      </IntlProvider>
    </StrictMode>,
  );
}
