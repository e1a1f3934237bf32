import type { Portal } from '../../generated/client/sdk.gen.ts';
import { button, showMessage } from './dom.ts';

/**
 * Exchanges the session id of the link and goes on to the first visible tab. The cookie of whoever was signed in before
 * is replaced, and is not fallen back to where the link is dead: a link opens as the person it was minted for or not at all.
 */
export async function enter(place: HTMLElement, portal: Portal, sessionId: string): Promise<void> {
  const { response } = await portal.exchangeSession({ body: { sessionId } });
  if (response?.ok) location.replace('/');
  else if (response?.status === 403) {
    showMessage(place, 'This portal is disabled', 'Its operator has switched it off. Please try again later.');
  } else if (response !== undefined && response.status < 500) {
    showMessage(
      place,
      'This link does not work any more',
      'Each link signs you in once, within 15 minutes. Go back to the application that brought you, and open the portal from there again.',
    );
  } else {
    // The id may still be good: it is kept here, in memory alone, for another try.
    const again = button('Try again', () => void enter(place, portal, sessionId));
    showMessage(place, 'The portal cannot be reached right now', 'You have not been signed in yet.', again);
  }
}
