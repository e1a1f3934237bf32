package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/clients/portico"
)

var background = context.Background()

// connect makes a client that sends these headers with every request.
func connect(baseURL string, headers map[string]string) *portico.ClientWithResponses {
	edit := func(_ context.Context, request *http.Request) error {
		for name, value := range headers {
			request.Header.Set(name, value)
		}
		return nil
	}
	return must(portico.NewClientWithResponses(baseURL, portico.WithRequestEditorFn(edit)))
}

// as makes a client that sends a credential.
func as(credential string) *portico.ClientWithResponses {
	return connect(os.Getenv("BASE_URL"), map[string]string{"Authorization": "Bearer " + credential})
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func ok(operation string, values ...any) {
	fmt.Println(append([]any{"ok", operation}, values...)...)
}

// response is what all responses of the generated client have.
type response interface {
	StatusCode() int
	GetBody() []byte
}

// succeeded hands on a response that must be a success.
func succeeded[T response](result T, err error) T {
	if must(result, err); result.StatusCode() != http.StatusOK {
		log.Fatalf("%s", result.GetBody())
	}
	return result
}

// decode reads a body as the one type, with nothing left over.
func decode[T any](body []byte) (value T) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		log.Fatalf("%v: %s", err, body)
	}
	return value
}

// fails tells of a call that must fail.
func fails[T response](result T, err error) {
	must(result, err)
	switch result.StatusCode() {
	case http.StatusOK:
		log.Fatalf("did not fail: %s", result.GetBody())
	case http.StatusBadRequest:
		failure := decode[portico.InvalidInputResponse](result.GetBody())
		where := failure.Error.Errors[0].Location
		fmt.Println("error", failure.Error.Status, failure.Error.Type, failure.Meta.RequestId, where)
	default:
		failure := decode[portico.ErrorResponse](result.GetBody())
		fmt.Println("error", failure.Error.Status, failure.Error.Type, failure.Meta.RequestId)
	}
}
