package main

import (
	"os"
	"strings"

	"example.com/clients/portico"
)

// provoke brings about one error after the other.
func provoke(usedSessionID, apiID, rerolledKeyID string) {
	baseURL := os.Getenv("BASE_URL")
	token := exchange(createSession().SessionId).Token
	user := as(token)
	anonymous := connect(baseURL, nil)
	noSession := portico.GetSessionRequest{}

	fails(anonymous.PortalCreateSessionWithResponse(background, nil, sessionBody))
	otherScheme := connect(baseURL, map[string]string{"Authorization": "Token x"})
	fails(otherScheme.PortalCreateSessionWithResponse(background, nil, sessionBody))
	fails(as("rk_nobody").PortalCreateSessionWithResponse(background, nil, sessionBody))
	fails(anonymous.PortalGetSessionWithResponse(background, noSession))
	used := portico.ExchangeSessionRequest{SessionId: usedSessionID}
	fails(anonymous.PortalExchangeSessionWithResponse(background, nil, used))
	limited, suspended := as(os.Getenv("LIMITED_ROOT_KEY")), as(os.Getenv("SUSPENDED_ROOT_KEY"))
	fails(limited.ApisCreateApiWithResponse(background, nil, portico.CreateApiRequest{Name: "Payments"}))
	fails(suspended.PortalCreateSessionWithResponse(background, nil, sessionBody))
	foreign := map[string]string{"Cookie": "portal_session=" + token, "Origin": "https://elsewhere.example"}
	fails(connect(baseURL, foreign).PortalGetSessionWithResponse(background, noSession))
	fails(backend.PortalListSessionsWithResponse(background, portico.ListSessionsRequest{}))
	big := portico.CreateKeyRequest{ApiId: apiID, Meta: &portico.KeyMeta{"text": strings.Repeat("x", 200_000)}}
	fails(user.PortalCreateKeyWithResponse(background, nil, big))
	elsewhere := connect(baseURL+"/elsewhere", nil)
	fails(elsewhere.PortalCreateSessionWithResponse(background, nil, sessionBody))
	once := &portico.ApisCreateApiParams{IdempotencyKey: ptr("once")}
	succeeded(backend.ApisCreateApiWithResponse(background, once, portico.CreateApiRequest{Name: "Once"}))
	fails(backend.ApisCreateApiWithResponse(background, once, portico.CreateApiRequest{Name: "Twice"}))

	unknown := portico.CreateSessionRequest{Slug: "no-such-portal", ExternalId: "user_1", Permissions: permissions}
	fails(backend.PortalCreateSessionWithResponse(background, nil, unknown))
	fails(backend.PortalCreateConfigurationWithResponse(background, nil, portico.CreateConfigurationRequest{Slug: "flow"}))
	late := portico.UpdateConfigurationRequest{Portal: "flow", Version: 99, Enabled: ptr(false)}
	fails(backend.PortalUpdateConfigurationWithResponse(background, late))
	fails(user.PortalCreateKeyWithResponse(background, nil, portico.CreateKeyRequest{ApiId: "api_0"}))
	fails(user.PortalDeleteKeyWithResponse(background, portico.DeleteKeyRequest{KeyId: "key_0"}))
	retired := portico.UpdateKeyRequest{KeyId: rerolledKeyID, Enabled: ptr(false)}
	fails(user.PortalUpdateKeyWithResponse(background, retired))
	for range 2 {
		succeeded(user.PortalCreateKeyWithResponse(background, nil, portico.CreateKeyRequest{ApiId: apiID}))
	}
	fails(user.PortalCreateKeyWithResponse(background, nil, portico.CreateKeyRequest{ApiId: apiID}))
	throttled := connect(os.Getenv("THROTTLED_URL"), map[string]string{"Authorization": "Bearer " + token})
	succeeded(throttled.PortalGetSessionWithResponse(background, noSession))
	fails(throttled.PortalGetSessionWithResponse(background, noSession))

	noDocument := portico.GetOpenapiDocumentRequest{}
	fails(user.PortalGetOpenapiDocumentWithResponse(background, nil, noDocument))
	documented := portico.UpdateConfigurationRequest{Portal: "flow", Version: 1}
	documented.OpenapiUrl.Set(os.Getenv("DOCUMENT_URL"))
	version := succeeded(backend.PortalUpdateConfigurationWithResponse(background, documented)).JSON200.Data.Version
	fails(user.PortalGetOpenapiDocumentWithResponse(background, nil, noDocument))
	closed := portico.UpdateConfigurationRequest{Portal: "flow", Version: version, Enabled: ptr(false)}
	succeeded(backend.PortalUpdateConfigurationWithResponse(background, closed))
	fails(backend.PortalCreateSessionWithResponse(background, nil, sessionBody))
	fails(connect(os.Getenv("UNREADY_URL"), nil).ReadinessWithResponse(background))
}
