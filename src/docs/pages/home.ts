/** The home page: common tasks, each with a link to the section that explains it, then the groups of pages. */
import type { Facts } from '../facts.ts';
import type { Page, Section } from '../page.ts';
import { list, plain, section } from '../write-markdown.ts';

/** Frequent tasks, with the section that explains each. tests/docs/site.test.ts checks that each link leads to a heading. */
const tasks: [task: string, link: string][] = [
  ['Create a session', 'quickstart.md#2-create-a-session'],
  ['Verify a key', 'integrate/api-keys.md#verify-a-key'],
  ['Rotate a key', 'integrate/api-keys.md#reroll-rotate-a-key-without-downtime'],
  ['Log a user out', 'concepts/sessions.md#list-and-revoke-sessions-log-users-out'],
  ['Choose permissions', 'integrate/permissions-and-tabs.md'],
  ['Change colors and logos', 'integrate/branding.md#change-the-branding'],
  ['Read usage', 'integrate/api-keys.md#read-usage'],
  ['Handle an error', 'integrate/errors.md#handle-errors-in-code'],
  ['Retry a request', 'integrate/errors.md#which-requests-to-retry'],
  ['Change a setting', 'configuration/environment.md'],
  ['Deploy', 'operate/deploy.md'],
  ['Monitor the server', 'operate/observability.md#collect-metrics'],
];

/** The three ways into the documentation. */
const cards: [title: string, link: string, text: string][] = [
  ['Integrate the portal', 'quickstart.md', 'Create a session in your backend, redirect the user, verify their keys.'],
  ['Run the server', 'operate/deploy.md', 'Deploy it beside a Redis, prepare it for real users, and watch it.'],
  ['Look up the API', 'reference/index.md', 'Every operation and every error, with samples and a page to try them.'],
];

/** What the product looks like, in both colour schemes. page.css shows the one of the reader. */
const pictures = ['light', 'dark']
  .map((scheme) => `![The API keys tab of the portal, ${scheme}](screenshots/keys-${scheme}.png)`)
  .join('');

const link = ({ source, title, description }: Page) => `[${title}](${source}): ${plain(description)}`;

/** The groups of guides in a section. Operations and errors have a page of their own. */
const groups = (subsections: Section[]): string =>
  subsections
    .filter(({ overview }) => overview === undefined)
    .map(({ title, pages }) => section(title, list(pages.map(link)), 3))
    .join('');

/** The home page. */
export function homePage({ document }: Facts, sections: Section[]): Page {
  const { info } = document;
  return {
    source: 'index.md',
    title: `${info.title} documentation`,
    label: 'Home',
    description: `${info.summary} How to integrate it, how to run it, and every operation and error.`,
    markdown: `${info.description.split('\n\n')[0]}

${list(cards.map(([title, target, text]) => `[${title}](${target}) ${text}`))}
${pictures}

## Find a task

${list(tasks.map(([task, target]) => `[${task}](${target})`))}
${sections.map(({ title, pages, subsections = [] }) => section(title, `${list(pages.map(link))}\n${groups(subsections)}`)).join('')}
## For programs

- [openapi.yaml](../openapi.yaml), [openapi.json](../openapi.json): the contract, from which these pages are generated
- [llms.txt](../llms.txt), [llms-full.txt](../llms-full.txt): this documentation for language models
- Markdown: add \`.md\` to the address of a page, or request it with \`Accept: text/markdown\`
`,
  };
}
