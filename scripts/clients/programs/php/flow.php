<?php

// The whole flow with the generated client, then every error that it can be brought to.

require 'client.php';

use Portico\Client\Model\CreateApiRequest;
use Portico\Client\Model\CreateConfigurationRequest;
use Portico\Client\Model\CreatedSession;
use Portico\Client\Model\CreateKeyRequest;
use Portico\Client\Model\CreateSessionRequest;
use Portico\Client\Model\DeleteKeyRequest;
use Portico\Client\Model\ExchangedSession;
use Portico\Client\Model\ExchangeSessionRequest;
use Portico\Client\Model\GetVerificationsRequest;
use Portico\Client\Model\ListEntriesRequest;
use Portico\Client\Model\ListKeysRequest;
use Portico\Client\Model\ListSessionsRequest;
use Portico\Client\Model\RerollKeyRequest;
use Portico\Client\Model\RevokeSessionsRequest;
use Portico\Client\Model\UpdateConfigurationRequest;
use Portico\Client\Model\UpdateKeyRequest;
use Portico\Client\Model\VerifyKeyRequest;

$actions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'];
$permissions = array_map(fn (string $action) => "api.*.$action", $actions);
$session = fn (string $slug = 'flow') => new CreateSessionRequest(
    ['slug' => $slug, 'external_id' => 'user_1', 'permissions' => $permissions],
);
$backend = new Portico(getenv('ROOT_KEY'));
$anyone = new Portico();
$createSession = fn (): CreatedSession => $backend->portal->createSession($session())->getData();
$exchange = fn (string $id): ExchangedSession =>
    $anyone->portal->exchangeSession(new ExchangeSessionRequest(['session_id' => $id]))->getData();

ok('liveness', $backend->health->liveness()->getData()->getStatus());
ok('readiness', $backend->health->readiness()->getData()->getStatus());
$apiId = $backend->apis->createApi(new CreateApiRequest(['name' => 'Payments', 'prefix' => 'pay']))->getData()->getApiId();
ok('apis.createApi', $apiId);
$settings = new CreateConfigurationRequest(['slug' => 'flow', 'api_ids' => [$apiId]]);
ok('portal.createConfiguration', $backend->portal->createConfiguration($settings)->getData()->getPortalId());

$created = $createSession();
ok('portal.createSession', $created->getExpiresAt());
$exchanged = $exchange($created->getSessionId());
ok('portal.exchangeSession', $exchanged->getExpiresAt());
$user = new Portico($exchanged->getToken());
$signedIn = $user->portal->getSession()->getData();
ok('portal.getSession', $signedIn->getExternalId(), implode(',', $signedIn->getTabs()));
$usable = $user->portal->listApis();
ok('portal.listApis', $usable->getData()[0]->getName(), json_encode($usable->getPagination()->getHasMore()));

$create = new CreateKeyRequest(['api_id' => $apiId, 'name' => 'First key', 'meta' => ['team' => 'billing']]);
$old = $user->portal->createKey($create)->getData();
ok('portal.createKey', $old->getKeyId());
$keys = $user->portal->listKeys(new ListKeysRequest(['api_id' => $apiId]))->getData();
ok('portal.listKeys', count($keys), $keys[0]->getName(), $keys[0]->getMeta()['team']);
$renamed = $user->portal->updateKey(new UpdateKeyRequest(['key_id' => $old->getKeyId(), 'name' => null]))->getData();
ok('portal.updateKey', $renamed->getName() ?? 'no name');
$reroll = new RerollKeyRequest(['key_id' => $old->getKeyId(), 'expiration' => 0]);
$fresh = $user->portal->rerollKey($reroll)->getData();
ok('portal.rerollKey', $fresh->getKeyId());
$verify = new VerifyKeyRequest(['key' => $fresh->getKey(), 'api_id' => $apiId]);
$verified = $backend->keys->verifyKey($verify)->getData();
ok('keys.verifyKey', $verified->getCode(), $verified->getExternalId());
$now = $exchanged->getExpiresAt() - 24 * 3_600_000;
$window = new GetVerificationsRequest(['start_time' => $now - 3_600_000, 'end_time' => $now + 3_600_000]);
ok('portal.getVerifications', $user->portal->getVerifications($window)->getData()->getTotals()->getValid());
$deleted = $user->portal->deleteKey(new DeleteKeyRequest(['key_id' => $fresh->getKeyId()]))->getData();
ok('portal.deleteKey', $deleted->getKeyId());
ok('keys.verifyKey', $backend->keys->verifyKey($verify)->getData()->getCode());

$sessions = $backend->portal->listSessions(new ListSessionsRequest(['external_id' => 'user_1']))->getData();
ok('portal.listSessions', count($sessions), $sessions[0]->getState());
$revoke = new RevokeSessionsRequest(['external_id' => 'user_1']);
ok('portal.revokeSessions', $backend->portal->revokeSessions($revoke)->getData()->getRevoked());
(new Portico($exchange($createSession()->getSessionId())->getToken()))->portal->endSession();
ok('portal.endSession', 'ended');
$entry = $backend->auditLogs->listEntries(new ListEntriesRequest(['limit' => 1]))->getData()[0];
ok('auditLogs.listEntries', $entry->getAction(), $entry->getActor()->getType());

$token = $exchange($createSession()->getSessionId())->getToken();
$user = new Portico($token);
fails(fn () => $anyone->portal->createSession($session()));
fails(fn () => (new Portico(headers: ['Authorization' => 'Token x']))->portal->createSession($session()));
fails(fn () => (new Portico('rk_nobody'))->portal->createSession($session()));
fails(fn () => $anyone->portal->getSession());
fails(fn () => $exchange($created->getSessionId()));
fails(fn () => (new Portico(getenv('LIMITED_ROOT_KEY')))->apis->createApi(new CreateApiRequest(['name' => 'Payments'])));
fails(fn () => (new Portico(getenv('SUSPENDED_ROOT_KEY')))->portal->createSession($session()));
$foreign = ['Cookie' => "portal_session=$token", 'Origin' => 'https://elsewhere.example'];
fails(fn () => (new Portico(headers: $foreign))->portal->getSession());
fails(fn () => $backend->portal->listSessions(new ListSessionsRequest()));
$big = new CreateKeyRequest(['api_id' => $apiId, 'meta' => ['text' => str_repeat('x', 200_000)]]);
fails(fn () => $user->portal->createKey($big));
fails(fn () => (new Portico(baseUrl: getenv('BASE_URL') . '/elsewhere'))->portal->createSession($session()));
$backend->apis->createApi(new CreateApiRequest(['name' => 'Once']), 'once');
fails(fn () => $backend->apis->createApi(new CreateApiRequest(['name' => 'Twice']), 'once'));

fails(fn () => $backend->portal->createSession($session('no-such-portal')));
fails(fn () => $backend->portal->createConfiguration(new CreateConfigurationRequest(['slug' => 'flow'])));
$change = fn (int $version, array $fields) =>
    $backend->portal->updateConfiguration(new UpdateConfigurationRequest(['portal' => 'flow', 'version' => $version, ...$fields]));
fails(fn () => $change(99, ['enabled' => false]));
fails(fn () => $user->portal->createKey(new CreateKeyRequest(['api_id' => 'api_0'])));
fails(fn () => $user->portal->deleteKey(new DeleteKeyRequest(['key_id' => 'key_0'])));
fails(fn () => $user->portal->updateKey(new UpdateKeyRequest(['key_id' => $old->getKeyId(), 'enabled' => false])));
for ($i = 0; $i < 2; $i++) {
    $user->portal->createKey(new CreateKeyRequest(['api_id' => $apiId]));
}
fails(fn () => $user->portal->createKey(new CreateKeyRequest(['api_id' => $apiId])));
$throttled = new Portico($token, baseUrl: getenv('THROTTLED_URL'));
$throttled->portal->getSession();
fails(fn () => $throttled->portal->getSession());
fails(fn () => $user->portal->getOpenapiDocument());
$version = $change(1, ['openapi_url' => getenv('DOCUMENT_URL')])->getData()->getVersion();
fails(fn () => $user->portal->getOpenapiDocument());
$change($version, ['enabled' => false]);
fails(fn () => $backend->portal->createSession($session()));
fails(fn () => (new Portico(baseUrl: getenv('UNREADY_URL')))->health->readiness());
