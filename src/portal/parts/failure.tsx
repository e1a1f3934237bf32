import { useTranslations } from 'use-intl';
import { PorticoError } from '../../../clients/typescript/src/index.ts';
import { codeOf, isCallFailure } from '../server/failures.ts';

/** Returns the text for an error, in the user's language if a translation exists. */
function useErrorText(): (error: unknown) => string {
  const t = useTranslations('errors');
  return (error) => {
    if (!isCallFailure(error)) return t('unexpected_error');
    const { errors, detail: summary } = error instanceof PorticoError ? error : { errors: [], detail: error.message };
    const detail = errors.map(({ message }) => message).join(', ') || summary;
    const code = codeOf(error);
    const known = code as Parameters<typeof t.has>[0];
    // The server describes a failure in English only, and its code is the same in every language.
    return t.has(known) ? t(known, { detail }) : t('other', { code });
  };
}

/** Shows an error in the place of the result, with a retry button if a retry can help. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTranslations();
  const errorText = useErrorText();
  const requestId = error instanceof PorticoError ? error.requestId : undefined;
  return (
    <div className="failure" role="alert">
      <p>{errorText(error)}</p>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          {t('links.tryAgain')}
        </button>
      )}
      {requestId !== undefined && <p className="request">{t('common.requestId', { requestId })}</p>}
    </div>
  );
}
