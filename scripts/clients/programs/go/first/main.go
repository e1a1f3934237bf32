package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/clients/portico"
)

func main() {
	rootKey := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("ROOT_KEY"))
		return nil
	}
	client, err := portico.NewClientWithResponses(os.Getenv("BASE_URL"), portico.WithRequestEditorFn(rootKey))
	if err != nil {
		log.Fatal(err)
	}
	body := portico.CreateSessionRequest{Slug: "my-portal", ExternalId: "user_1", Permissions: []string{"api.*.read_key"}}
	response, err := client.PortalCreateSessionWithResponse(context.Background(), nil, body)
	if err != nil {
		log.Fatal(err)
	}
	if response.JSON200 == nil {
		log.Fatalf("%s", response.Body)
	}
	fmt.Println(response.JSON200.Data.Url)
}
