<?php

// Makes one call for the judge of clients: `npm run clients -- --judge`.

require 'vendor/autoload.php';

use GuzzleHttp\Client as Http;
use Portico\Client\Api\KeysApi;
use Portico\Client\Api\PortalApi;
use Portico\Client\ApiException;
use Portico\Client\Configuration;
use Portico\Client\Model\CreateUserKeyRequest;
use Portico\Client\Model\DeleteUserKeyRequest;
use Portico\Client\Model\ErrorResponse;
use Portico\Client\Model\ExchangeSessionRequest;
use Portico\Client\Model\InvalidInputResponse;
use Portico\Client\Model\UpdateUserKeyRequest;
use Portico\Client\Model\VerifyKeyRequest;

$configFor = fn (string $token) => (new Configuration())->setHost(getenv('BASE_URL'))->setAccessToken($token);
$http = new Http(getenv('TIMEOUT_SECONDS') ? ['timeout' => (float) getenv('TIMEOUT_SECONDS')] : []);
$keys = new KeysApi($http, $configFor(getenv('ROOT_KEY')));
$portal = new PortalApi($http, $configFor(getenv('ROOT_KEY')));
$keyId = getenv('KEY_ID');

/** What a response has, if it is the success that the client documents. */
$data = function (mixed $result) {
    if ($result instanceof ErrorResponse || $result instanceof InvalidInputResponse) {
        throw new ApiException('failed', $result->getError()->getStatus());
    }
    return $result->getData();
};
$verify = fn () => $data($keys->verifyKey(new VerifyKeyRequest(['key' => getenv('API_KEY')])))->getCode();
$userOf = fn (string $token) => $data((new PortalApi($http, $configFor($token)))->getSession())->getExternalId();
$signIn = fn (string $id) => $userOf(
    $data($portal->exchangeSession(new ExchangeSessionRequest(['session_id' => getenv($id)])))->getToken(),
);

$calls = [
    'createKey' => fn () => $data($keys->createKey(
        new CreateUserKeyRequest(['api_id' => getenv('API_ID'), 'external_id' => 'user_123', 'name' => 'Production']),
        bin2hex(random_bytes(16)),
    ))->getKeyId(),
    'updateKey' => fn () => $data($keys->updateKey((new UpdateUserKeyRequest(['key_id' => $keyId]))->setName(null)))->getKeyId(),
    'verifyKey' => $verify,
    'verifyTwice' => fn () => [$verify(), $verify()],
    'deleteKey' => fn () => $data($keys->deleteKey(new DeleteUserKeyRequest(['key_id' => $keyId])))->getKeyId(),
    'getSession' => fn () => $userOf(getenv('SESSION_TOKEN')),
    'signIn' => fn () => [$signIn('SESSION_ID'), $signIn('OTHER_SESSION_ID')],
];

try {
    $report = ['value' => $calls[$argv[1]]()];
} catch (ApiException $exception) {
    $error = ['message' => $exception->getMessage()];
    if ($exception->getCode() > 0) {
        $error['status'] = $exception->getCode();
    }
    $headers = array_change_key_case($exception->getResponseHeaders() ?? []);
    if (isset($headers['retry-after'])) {
        $error['retryAfter'] = (float) $headers['retry-after'][0];
    }
    $failure = $exception->getResponseObject();
    // A page of a proxy is an object without an error.
    if (($failure instanceof ErrorResponse || $failure instanceof InvalidInputResponse) && $failure->getError()) {
        $error += ['type' => $failure->getError()->getType(), 'requestId' => $failure->getMeta()->getRequestId()];
    }
    if ($failure instanceof InvalidInputResponse && $failure->getError()) {
        $error['locations'] = array_map(fn ($each) => $each->getLocation(), $failure->getError()->getErrors());
    }
    $report = ['error' => $error];
} catch (Throwable $other) {
    $report = ['error' => ['message' => get_class($other) . ': ' . $other->getMessage()]];
}
echo json_encode($report), "\n";
