/**
 * What several tabs share. Each tab imports this module, so all of it is in one file of the build. Otherwise each combination of tabs would
 * have a file of its own: a browser that opens the portal would load twenty small ones, six at a time.
 */
import './boot.ts';
import './embedding/frame-parent.ts';
import './entry/leave.ts';
import './entry/signed-out.ts';
import './frame/tab-link.tsx';
import './parts/announcer.tsx';
import './parts/copy-button.tsx';
import './parts/error-boundary.tsx';
import './parts/failure.tsx';
import './parts/field.tsx';
import './parts/icon.tsx';
import './parts/loading.tsx';
import './parts/popover.ts';
import './parts/relative-time.tsx';
import './parts/save-file.ts';
import './parts/sparkline.tsx';
import './parts/time-zone.ts';
import './server/last.ts';
import './server/pages.ts';
import './server/query-client.ts';
import './server/session.ts';
import './theme/brand.ts';
