/** The portal as end users see it. Knows the server through the generated client alone. */
import { createClient, createConfig } from '../../generated/client/client/index.ts';
import { Portico } from '../../generated/client/sdk.gen.ts';
import { enter } from './enter.ts';
import { showFrame } from './frame.ts';

const { portal } = new Portico({ client: createClient(createConfig({ baseUrl: location.origin })) });
const place = document.getElementById('portal');
const sessionId = new URLSearchParams(location.search).get('session');

if (place !== null) {
  if (sessionId === null) void showFrame(place, portal);
  else {
    // First of all out of the address bar, and so out of the history, of bookmarks and of screenshots.
    history.replaceState(null, '', '/');
    void enter(place, portal, sessionId);
  }
}
