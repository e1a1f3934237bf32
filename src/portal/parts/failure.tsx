import { useTranslations } from 'use-intl';
import { ApiError } from '../server/response.ts';

/** Returns the text for an error, in the user's language if a translation exists. */
function useErrorText(): (error: unknown) => string {
  const t = useTranslations('errors');
  return (error) => {
    if (!(error instanceof ApiError)) return t('unexpected_error');
    const { code, message, failures } = error;
    const detail = failures.map((failure) => failure.message).join(', ') || message;
    const known = code as Parameters<typeof t.has>[0];
    return t.has(known) ? t(known, { detail }) : t('other', { detail });
  };
}

/** Shows an error in the place of the result, with a retry button if a retry can help. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTranslations();
  const errorText = useErrorText();
  const requestId = error instanceof ApiError ? error.requestId : undefined;
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
