import type { KeyPlace } from './openapi.ts';

/** The programming languages of the samples, in their order in the list. */
export const snippetLanguages = ['curl', 'TypeScript', 'Python', 'Go'] as const;
export type SnippetLanguage = (typeof snippetLanguages)[number];

const header = (place: KeyPlace, key: string): [name: string, value: string] | undefined => {
  if (place.in === 'bearer') return ['Authorization', `Bearer ${key}`];
  return place.in === 'header' ? [place.name, key] : undefined;
};

const withQuery = (url: string, place: KeyPlace, key: string) =>
  place.in === 'query' ? `${url}${url.includes('?') ? '&' : '?'}${place.name}=${key}` : url;

/** Formats a text of the API as a string literal. A JSON string is a valid literal in all these languages. */
const literal = (text: string) => JSON.stringify(text);
/** Formats a text for a shell. Only the key is expanded. */
const shell = (text: string) => `"${text.replaceAll(/["\\`$]/g, '\\$&').replace('\\$API_KEY', '$API_KEY')}"`;

/** The key from the environment, inside a template literal. */
const keyInTypeScript = '$'.concat('{process.env.API_KEY}');

const writers: Record<SnippetLanguage, (url: string, place: KeyPlace) => string> = {
  curl(url, place) {
    const sent = header(place, '$API_KEY');
    const address = shell(withQuery(url, place, '$API_KEY'));
    return sent === undefined ? `curl ${address}` : `curl ${address} \\\n  -H ${shell(`${sent[0]}: ${sent[1]}`)}`;
  },

  TypeScript(url, place) {
    const sent = header(place, keyInTypeScript);
    const address = place.in === 'query' ? `${literal(withQuery(url, place, ''))} + process.env.API_KEY` : literal(url);
    const options = sent === undefined ? '' : `, {\n  headers: { ${literal(sent[0])}: \`${sent[1]}\` },\n}`;
    return `const response = await fetch(${address}${options});
if (!response.ok) throw new Error(\`HTTP \${response.status}\`);
console.log(await response.json());`;
  },

  Python(url, place) {
    const sent = header(place, '');
    const value =
      sent?.[1] === '' || sent === undefined ? 'os.environ["API_KEY"]' : 'f"Bearer {os.environ[\'API_KEY\']}"';
    const extra =
      place.in === 'query'
        ? `params={${literal(place.name)}: os.environ["API_KEY"]}`
        : `headers={${literal(sent?.[0] ?? '')}: ${value}}`;
    return `import os
import requests

response = requests.get(
    ${literal(url)},
    ${extra},
    timeout=10,
)
response.raise_for_status()
print(response.json())`;
  },

  Go(url, place) {
    const sent = header(place, '');
    const value = place.in === 'bearer' ? '"Bearer "+os.Getenv("API_KEY")' : 'os.Getenv("API_KEY")';
    const set =
      place.in === 'query'
        ? `query := request.URL.Query()
	query.Set(${literal(place.name)}, os.Getenv("API_KEY"))
	request.URL.RawQuery = query.Encode()`
        : `request.Header.Set(${literal(sent?.[0] ?? '')}, ${value})`;
    return `package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	request, err := http.NewRequest(http.MethodGet, ${literal(url)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	${set}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, string(body))
}`;
  },
};

/** Returns a complete program or command that sends this request with the key from `API_KEY`. */
export const snippet = (language: SnippetLanguage, url: string, place: KeyPlace): string =>
  writers[language](url, place);
