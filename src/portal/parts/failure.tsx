import { useTranslations } from 'use-intl';
import { CallFailed } from '../server/answer.ts';

/** What went wrong, in the words of the user's language where there are any. */
function useErrorText(): (error: unknown) => string {
  const t = useTranslations('errors');
  return (error) => {
    if (!(error instanceof CallFailed)) return t('unexpected_error');
    const { code, message, failures } = error;
    const detail = failures.map((failure) => failure.message).join(', ') || message;
    const known = code as Parameters<typeof t.has>[0];
    return t.has(known) ? t(known, { detail }) : t('other', { detail });
  };
}

/** A failure where its result would have been, with another try where that makes sense. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTranslations();
  const errorText = useErrorText();
  const requestId = error instanceof CallFailed ? error.requestId : undefined;
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
