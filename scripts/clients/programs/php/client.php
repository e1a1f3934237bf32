<?php

require 'vendor/autoload.php';

use GuzzleHttp\Client as Http;
use Portico\Client\Api\ApisApi;
use Portico\Client\Api\AuditLogsApi;
use Portico\Client\Api\HealthApi;
use Portico\Client\Api\KeysApi;
use Portico\Client\Api\PortalApi;
use Portico\Client\ApiException;
use Portico\Client\Configuration;
use Portico\Client\Model\ErrorResponse;
use Portico\Client\Model\InvalidInputResponse;

/** All operations, called with the same credential and headers. */
final class Portico
{
    public readonly PortalApi $portal;
    public readonly ApisApi $apis;
    public readonly KeysApi $keys;
    public readonly AuditLogsApi $auditLogs;
    public readonly HealthApi $health;

    /** @param array<string, string> $headers */
    public function __construct(?string $token = null, array $headers = [], ?string $baseUrl = null)
    {
        $config = (new Configuration())->setHost($baseUrl ?? getenv('BASE_URL'))->setAccessToken($token ?? '');
        $http = new Http(['headers' => $headers]);
        $this->portal = new PortalApi($http, $config);
        $this->apis = new ApisApi($http, $config);
        $this->keys = new KeysApi($http, $config);
        $this->auditLogs = new AuditLogsApi($http, $config);
        $this->health = new HealthApi($http, $config);
    }
}

function ok(string $operation, mixed ...$values): void
{
    echo implode(' ', ['ok', $operation, ...$values]), "\n";
}

/** Tells of a call that must fail. */
function fails(callable $call): void
{
    try {
        $call();
    } catch (ApiException $exception) {
        $failure = $exception->getResponseObject();
        if (!$failure instanceof ErrorResponse && !$failure instanceof InvalidInputResponse) {
            throw $exception;
        }
        $error = $failure->getError();
        $where = $failure instanceof InvalidInputResponse ? [$error->getErrors()[0]->getLocation()] : [];
        echo implode(' ', ['error', $error->getStatus(), $error->getType(), $failure->getMeta()->getRequestId(), ...$where]), "\n";
        return;
    }
    throw new LogicException('did not fail');
}
