import { useTranslations } from 'use-intl';
import { PorticoError } from '../../../clients/typescript/src/index.ts';
import { errorTextOf } from './error-text.ts';

/** Shows an error in the place of the result, with a retry button if a retry can help. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTranslations();
  const texts = useTranslations('errors');
  const requestId = error instanceof PorticoError ? error.requestId : undefined;
  return (
    <div className="failure" role="alert">
      <p>{errorTextOf(error, texts)}</p>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          {t('links.tryAgain')}
        </button>
      )}
      {requestId !== undefined && <p className="request">{t('common.requestId', { requestId })}</p>}
    </div>
  );
}
