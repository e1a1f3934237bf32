import { useEffect, useRef } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { usePopover } from '../parts/popover.ts';
import { usePresent } from '../parts/relative-time.tsx';
import { initialsOf } from './initials.ts';

/** Until when the user is signed in. */
function SessionEnd({ at }: { at: number }) {
  const t = useTranslations('frame');
  const format = useFormatter();
  const present = usePresent(at);
  const end = new Date(at);
  return (
    <time dateTime={end.toISOString()} title={format.dateTime(end, { dateStyle: 'full', timeStyle: 'short' })}>
      {t('sessionEnds', { when: format.relativeTime(end, present) })}
    </time>
  );
}

/** The account with its id, which support asks for, and the person who uses it if several people share it. */
function Who({ session: { actor, externalId } }: { session: PortalSession }) {
  const t = useTranslations('frame');
  const id = useRef<HTMLSpanElement>(null);
  return (
    <div className="account-who">
      {actor !== undefined && <strong dir="auto">{actor.name ?? actor.id}</strong>}
      <div className="copyable">
        <span ref={id}>{t('account', { externalId })}</span>
        <CopyButton
          look="icon"
          text={externalId}
          label={t('copyId')}
          select={() => id.current && getSelection()?.selectAllChildren(id.current)}
        />
      </div>
    </div>
  );
}

/**
 * Who is signed in, until when, and the sign-out, behind a button (WAI-ARIA disclosure pattern).
 *
 * @param isBusy whether the user is being signed out
 * @param hasFailed whether that did not work. The page says so, so the menu closes
 */
export function AccountMenu({
  session,
  isBusy,
  hasFailed,
  onSignOut,
}: {
  session: PortalSession;
  isBusy: boolean;
  hasFailed: boolean;
  onSignOut: () => void;
}) {
  const t = useTranslations('frame');
  const help = useTranslations('links')('help');
  const { id, isOpen, setOpen, close, button, panel } = usePopover();
  useEffect(() => {
    if (hasFailed) setOpen(false);
  }, [hasFailed, setOpen]);
  const { actor, externalId, expiresAt, portal } = session;
  const person = actor?.name ?? actor?.id ?? externalId;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what its button and its panel do not need
    <div
      onKeyDown={(event) => {
        if (event.key === 'Escape' && isOpen) close();
      }}
      onBlur={({ currentTarget, relatedTarget }) => {
        // A click on a text has no target: the user selects it.
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) setOpen(false);
      }}
    >
      <button
        ref={button}
        type="button"
        className="account-button"
        aria-expanded={isOpen}
        {...(isOpen && { 'aria-controls': id })}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="avatar" aria-hidden="true">
          {initialsOf(person)}
        </span>
        <span className="account-name" dir="auto" aria-hidden="true">
          {person}
        </span>
        <span className="visually-hidden">{t('signedInAs', { externalId: person })}</span>
      </button>
      {isOpen && (
        <div ref={panel} id={id} className="menu account-menu appears">
          <Who session={session} />
          <p className="muted">
            <SessionEnd at={expiresAt} />
          </p>
          {portal.supportUrl !== undefined && (
            <a className="on-phone" href={portal.supportUrl} target="_blank" rel="noreferrer">
              <Icon name="help" />
              {help}
            </a>
          )}
          <button type="button" disabled={isBusy} onClick={onSignOut}>
            <Icon name="log-out" />
            {t('logOut')}
          </button>
        </div>
      )}
    </div>
  );
}
