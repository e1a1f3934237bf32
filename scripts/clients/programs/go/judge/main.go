// Makes one call for the judge of clients: `npm run clients -- --judge`.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/oapi-codegen/nullable"

	"example.com/clients/portico"
)

// failure is what the client says of one.
type failure struct {
	Status     int      `json:"status,omitempty"`
	Type       string   `json:"type,omitempty"`
	RequestID  string   `json:"requestId,omitempty"`
	Locations  []string `json:"locations,omitempty"`
	RetryAfter int      `json:"retryAfter,omitempty"`
	Message    string   `json:"message"`
}

func (f failure) Error() string { return f.Message }

func connect(token string) *portico.ClientWithResponses {
	edit := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	client := &http.Client{}
	if seconds, err := strconv.Atoi(os.Getenv("TIMEOUT_SECONDS")); err == nil {
		client.Timeout = time.Duration(seconds) * time.Second
	}
	return must(portico.NewClientWithResponses(os.Getenv("BASE_URL"), portico.WithRequestEditorFn(edit), portico.WithHTTPClient(client)))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(failure{Message: err.Error()})
	}
	return value
}

// response is what all responses of the generated client have.
type response interface {
	StatusCode() int
	GetBody() []byte
}

// failed is the failure in a response without a success.
func failed(result response, header http.Header) failure {
	told := failure{Status: result.StatusCode(), Message: http.StatusText(result.StatusCode())}
	told.RetryAfter, _ = strconv.Atoi(header.Get("Retry-After"))
	if result.StatusCode() == http.StatusBadRequest {
		var invalid portico.InvalidInputResponse
		if json.Unmarshal(result.GetBody(), &invalid) == nil {
			told.Type, told.RequestID = invalid.Error.Type, invalid.Meta.RequestId
			for _, each := range invalid.Error.Errors {
				told.Locations = append(told.Locations, each.Location)
			}
		}
		return told
	}
	var other portico.ErrorResponse
	if json.Unmarshal(result.GetBody(), &other) == nil {
		told.Type, told.RequestID = other.Error.Type, other.Meta.RequestId
	}
	return told
}

var (
	background = context.Background()
	backend    = connect(os.Getenv("ROOT_KEY"))
)

func createKey() string {
	name, key := "Production", fmt.Sprintf("judge-%d-%d", os.Getpid(), time.Now().UnixNano())
	params := &portico.KeysCreateKeyParams{IdempotencyKey: &key}
	body := portico.CreateUserKeyRequest{ApiId: os.Getenv("API_ID"), ExternalId: "user_123", Name: &name}
	result := must(backend.KeysCreateKeyWithResponse(background, params, body))
	if result.JSON200 == nil {
		panic(failed(result, result.HTTPResponse.Header))
	}
	return result.JSON200.Data.KeyId
}

func updateKey() string {
	body := portico.UpdateUserKeyRequest{KeyId: os.Getenv("KEY_ID"), Name: nullable.NewNullNullable[string]()}
	result := must(backend.KeysUpdateKeyWithResponse(background, body))
	if result.JSON200 == nil {
		panic(failed(result, result.HTTPResponse.Header))
	}
	return result.JSON200.Data.KeyId
}

func verifyKey() string {
	result := must(backend.KeysVerifyKeyWithResponse(background, portico.VerifyKeyRequest{Key: os.Getenv("API_KEY")}))
	if result.JSON200 == nil {
		panic(failed(result, result.HTTPResponse.Header))
	}
	return string(result.JSON200.Data.Code)
}

func deleteKey() string {
	result := must(backend.KeysDeleteKeyWithResponse(background, portico.DeleteUserKeyRequest{KeyId: os.Getenv("KEY_ID")}))
	if result.JSON200 == nil {
		panic(failed(result, result.HTTPResponse.Header))
	}
	return result.JSON200.Data.KeyId
}

func userOf(token string) string {
	result := must(connect(token).PortalGetSessionWithResponse(background, portico.GetSessionRequest{}))
	if result.JSON200 == nil {
		panic(failed(result, result.HTTPResponse.Header))
	}
	return result.JSON200.Data.ExternalId
}

func signIn() (users []string) {
	for _, name := range []string{"SESSION_ID", "OTHER_SESSION_ID"} {
		body := portico.ExchangeSessionRequest{SessionId: os.Getenv(name)}
		result := must(backend.PortalExchangeSessionWithResponse(background, nil, body))
		if result.JSON200 == nil {
			panic(failed(result, result.HTTPResponse.Header))
		}
		users = append(users, userOf(result.JSON200.Data.Token))
	}
	return users
}

func main() {
	defer func() {
		if told := recover(); told != nil {
			fmt.Println(string(must(json.Marshal(map[string]any{"error": told}))))
		}
	}()
	calls := map[string]func() any{
		"createKey":   func() any { return createKey() },
		"updateKey":   func() any { return updateKey() },
		"verifyKey":   func() any { return verifyKey() },
		"verifyTwice": func() any { return []string{verifyKey(), verifyKey()} },
		"deleteKey":   func() any { return deleteKey() },
		"getSession":  func() any { return userOf(os.Getenv("SESSION_TOKEN")) },
		"signIn":      func() any { return signIn() },
	}
	value := calls[os.Args[1]]()
	fmt.Println(string(must(json.Marshal(map[string]any{"value": value}))))
}
