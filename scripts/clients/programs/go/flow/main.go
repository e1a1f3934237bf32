// The whole flow with the generated client, then every error that it can be brought to.
package main

import (
	"os"
	"strings"

	"github.com/oapi-codegen/nullable"

	"example.com/clients/portico"
)

var (
	backend     = as(os.Getenv("ROOT_KEY"))
	permissions = []string{"api.*.read_key", "api.*.create_key", "api.*.update_key", "api.*.delete_key", "api.*.read_analytics"}
	sessionBody = portico.CreateSessionRequest{Slug: "flow", ExternalId: "user_1", Permissions: permissions}
)

func ptr[T any](value T) *T { return &value }

func createSession() portico.CreatedSession {
	return succeeded(backend.PortalCreateSessionWithResponse(background, nil, sessionBody)).JSON200.Data
}

func exchange(sessionID string) portico.ExchangedSession {
	body := portico.ExchangeSessionRequest{SessionId: sessionID}
	return succeeded(backend.PortalExchangeSessionWithResponse(background, nil, body)).JSON200.Data
}

func main() {
	ok("liveness", succeeded(backend.LivenessWithResponse(background)).JSON200.Data.Status)
	ok("readiness", succeeded(backend.ReadinessWithResponse(background)).JSON200.Data.Status)
	api := portico.CreateApiRequest{Name: "Payments", Prefix: ptr("pay")}
	apiID := succeeded(backend.ApisCreateApiWithResponse(background, nil, api)).JSON200.Data.ApiId
	ok("apis.createApi", apiID)
	settings := portico.CreateConfigurationRequest{Slug: "flow", ApiIds: &[]string{apiID}}
	portal := succeeded(backend.PortalCreateConfigurationWithResponse(background, nil, settings)).JSON200.Data
	ok("portal.createConfiguration", portal.PortalId)

	created := createSession()
	ok("portal.createSession", created.ExpiresAt)
	exchanged := exchange(created.SessionId)
	ok("portal.exchangeSession", exchanged.ExpiresAt)
	oldKey := useKeys(as(exchanged.Token), apiID, exchanged.ExpiresAt)
	useSessions()
	provoke(created.SessionId, apiID, oldKey)
}

// useKeys goes from a session to a deleted key, and returns the id of one that was rerolled away.
func useKeys(user *portico.ClientWithResponses, apiID string, expiresAt int64) string {
	session := succeeded(user.PortalGetSessionWithResponse(background, portico.GetSessionRequest{})).JSON200.Data
	tabs := make([]string, len(session.Tabs))
	for i, tab := range session.Tabs {
		tabs[i] = string(tab)
	}
	ok("portal.getSession", session.ExternalId, strings.Join(tabs, ","))
	usable := succeeded(user.PortalListApisWithResponse(background, portico.ListPortalApisRequest{})).JSON200
	ok("portal.listApis", usable.Data[0].Name, usable.Pagination.HasMore)

	create := portico.CreateKeyRequest{ApiId: apiID, Name: ptr("First key"), Meta: &portico.KeyMeta{"team": "billing"}}
	old := succeeded(user.PortalCreateKeyWithResponse(background, nil, create)).JSON200.Data
	ok("portal.createKey", old.KeyId)
	keys := succeeded(user.PortalListKeysWithResponse(background, portico.ListKeysRequest{ApiId: &apiID})).JSON200.Data
	ok("portal.listKeys", len(keys), *keys[0].Name, (*keys[0].Meta)["team"])
	clear := portico.UpdateKeyRequest{KeyId: old.KeyId, Name: nullable.NewNullNullable[string]()}
	if succeeded(user.PortalUpdateKeyWithResponse(background, clear)).JSON200.Data.Name == nil {
		ok("portal.updateKey", "no name")
	}
	reroll := portico.RerollKeyRequest{KeyId: old.KeyId, Expiration: 0}
	fresh := succeeded(user.PortalRerollKeyWithResponse(background, nil, reroll)).JSON200.Data
	ok("portal.rerollKey", fresh.KeyId)

	verify := portico.VerifyKeyRequest{Key: fresh.Key, ApiId: &apiID}
	verified := succeeded(backend.KeysVerifyKeyWithResponse(background, verify)).JSON200.Data
	ok("keys.verifyKey", verified.Code, *verified.ExternalId)
	now, hour := expiresAt-24*3_600_000, int64(3_600_000)
	window := portico.GetVerificationsRequest{StartTime: now - hour, EndTime: now + hour}
	usage := succeeded(user.PortalGetVerificationsWithResponse(background, window)).JSON200.Data
	ok("portal.getVerifications", usage.Totals.Valid)
	deleted := succeeded(user.PortalDeleteKeyWithResponse(background, portico.DeleteKeyRequest{KeyId: fresh.KeyId}))
	ok("portal.deleteKey", deleted.JSON200.Data.KeyId)
	ok("keys.verifyKey", succeeded(backend.KeysVerifyKeyWithResponse(background, verify)).JSON200.Data.Code)
	return old.KeyId
}

func useSessions() {
	list := portico.ListSessionsRequest{ExternalId: ptr("user_1")}
	sessions := succeeded(backend.PortalListSessionsWithResponse(background, list)).JSON200.Data
	ok("portal.listSessions", len(sessions), sessions[0].State)
	revoke := portico.RevokeSessionsRequest{ExternalId: ptr("user_1")}
	ok("portal.revokeSessions", succeeded(backend.PortalRevokeSessionsWithResponse(background, revoke)).JSON200.Data.Revoked)
	second := as(exchange(createSession().SessionId).Token)
	succeeded(second.PortalEndSessionWithResponse(background, portico.EndSessionRequest{}))
	ok("portal.endSession", "ended")
	latest := portico.ListEntriesRequest{Limit: ptr(1)}
	entry := succeeded(backend.AuditLogsListEntriesWithResponse(background, latest)).JSON200.Data[0]
	ok("auditLogs.listEntries", entry.Action, entry.Actor.Type)
}
