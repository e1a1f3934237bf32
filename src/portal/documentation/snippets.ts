import { curlUrl, shellText } from '../../ui/curl.ts';
import { type KeyPlace, usablePlace } from './openapi.ts';

/** The programming languages of the samples, in their order in the list. */
export const snippetLanguages = ['curl', 'TypeScript', 'Python', 'Go'] as const;
export type SnippetLanguage = (typeof snippetLanguages)[number];

const header = (place: KeyPlace, key: string): [name: string, value: string] | undefined => {
  if (place.in === 'bearer') return ['Authorization', `Bearer ${key}`];
  return place.in === 'header' ? [place.name, key] : undefined;
};

/** The URL up to the value of this query parameter. */
const upToKey = (url: string, name: string) =>
  curlUrl(`${url}${url.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=`) ?? url;

/** Formats a visible text as a string literal. A JSON string of such a text is a valid literal in all these languages. */
const literal = (text: string) => JSON.stringify(text);

/** The key from the environment, inside a template literal. */
const keyInTypeScript = '$'.concat('{process.env.API_KEY}');

const writers: Record<SnippetLanguage, (url: string, place: KeyPlace) => string> = {
  curl(url, place) {
    // Texts of the document are in single quotes, and only the key is in double quotes.
    if (place.in === 'query') return `curl ${shellText(upToKey(url, place.name))}"$API_KEY"`;
    const sent =
      place.in === 'bearer' ? '"Authorization: Bearer $API_KEY"' : `${shellText(`${place.name}: `)}"$API_KEY"`;
    return `curl ${shellText(url)} \\\n  -H ${sent}`;
  },

  TypeScript(url, place) {
    const sent = header(place, keyInTypeScript);
    const address = place.in === 'query' ? `${literal(upToKey(url, place.name))} + process.env.API_KEY` : literal(url);
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

/**
 * Returns a complete program or command that sends this request with the key from `API_KEY`. The URL and the place come from a
 * document that is not trusted: what cannot be a URL or a name is replaced.
 */
export const snippet = (language: SnippetLanguage, url: string, place: KeyPlace): string =>
  writers[language](curlUrl(url) ?? 'https://api.example.com/', usablePlace(place) ?? { in: 'bearer' });
