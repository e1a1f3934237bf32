<?php

require 'vendor/autoload.php';

use Portico\Client\Api\PortalApi;
use Portico\Client\Configuration;
use Portico\Client\Model\CreateSessionRequest;

$config = (new Configuration())->setHost(getenv('BASE_URL'))->setAccessToken(getenv('ROOT_KEY'));
$portal = new PortalApi(config: $config);

$body = new CreateSessionRequest(['slug' => 'my-portal', 'external_id' => 'user_1', 'permissions' => ['api.*.read_key']]);
echo $portal->createSession($body)->getData()->getUrl(), "\n";
