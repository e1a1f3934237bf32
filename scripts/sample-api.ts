/**
 * A customer's API for the demo, the screenshots and the tests: a few operations, the OpenAPI document that describes
 * them, and a check of each caller's key with Portico.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Portico } from '../clients/typescript/src/index.ts';

/** A running customer's API. */
export interface SampleApi {
  url: string;
  /** URL of its OpenAPI document. */
  openapiUrl: string;
  /** Sets the client that verifies keys; until then the API refuses every key. */
  verifyWith(backend: Portico, apiId: string): void;
  stop(): Promise<void>;
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object, example: object) => ({ 'application/json': { schema, example } });
const project = { id: 'prj_42', name: 'Website', region: 'eu', tags: ['public'] };
const refused = {
  description: 'The key is missing, or is not good.',
  content: json(ref('Error'), { error: { code: 'EXPIRED', message: 'The key is not valid.' } }),
};

/** The document of the API at this address. */
export const sampleDocument = (url: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Acme API',
    version: '2.1.0',
    description: 'Everything you can do in **Acme**, from your own code.\n\nCalls take and return JSON.',
  },
  servers: [{ url }],
  security: [{ apiKey: [] }],
  tags: [
    { name: 'Projects', description: 'What your team works on.' },
    { name: 'Deployments', description: 'What is live, and where.' },
  ],
  paths: {
    '/v1/projects': {
      get: {
        tags: ['Projects'],
        operationId: 'listProjects',
        summary: 'List projects',
        description: 'All projects of your team, newest first.',
        parameters: [
          { name: 'limit', in: 'query', description: 'How many at most.', schema: { type: 'integer', default: 20 } },
        ],
        responses: {
          '200': { description: 'The projects.', content: json({ type: 'array', items: ref('Project') }, [project]) },
          '401': refused,
        },
      },
      post: {
        tags: ['Projects'],
        operationId: 'createProject',
        summary: 'Create a project',
        requestBody: { required: true, content: json(ref('NewProject'), { name: 'Website', region: 'eu' }) },
        responses: { '201': { description: 'The project.', content: json(ref('Project'), project) }, '401': refused },
      },
    },
    '/v1/projects/{id}': {
      get: {
        tags: ['Projects'],
        operationId: 'getProject',
        summary: 'Get a project',
        parameters: [
          {
            name: 'id',
            in: 'path',
            required: true,
            description: 'Its id.',
            schema: { type: 'string' },
            example: 'prj_42',
          },
        ],
        responses: { '200': { description: 'The project.', content: json(ref('Project'), project) }, '401': refused },
      },
    },
    '/v1/deployments': {
      post: {
        tags: ['Deployments'],
        operationId: 'deploy',
        summary: 'Deploy a project',
        description: 'Starts a deployment:\n\n```sh\nacme deploy prj_42\n```',
        requestBody: {
          required: true,
          content: json(ref('NewDeployment'), { projectId: 'prj_42', target: 'production' }),
        },
        responses: {
          '202': { description: 'It has begun.', content: json(ref('Deployment'), { id: 'dpl_7', state: 'queued' }) },
          '401': refused,
        },
      },
    },
  },
  components: {
    securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'Your API key.' } },
    schemas: {
      Project: {
        type: 'object',
        required: ['id', 'name'],
        properties: {
          id: { type: 'string', description: 'Begins with `prj_`.' },
          name: { type: 'string' },
          region: { type: 'string', enum: ['eu', 'us'] },
          tags: { type: 'array', items: { type: 'string' } },
        },
      },
      NewProject: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, region: { type: 'string', enum: ['eu', 'us'], default: 'eu' } },
      },
      NewDeployment: {
        type: 'object',
        required: ['projectId'],
        properties: { projectId: { type: 'string' }, target: { type: 'string', enum: ['production', 'preview'] } },
      },
      Deployment: {
        type: 'object',
        properties: { id: { type: 'string' }, state: { type: 'string', enum: ['queued', 'running', 'done'] } },
      },
      Error: {
        type: 'object',
        properties: {
          error: { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } },
        },
      },
    },
  },
});

/** Starts it on a free port of loopback. */
export async function startSampleApi(): Promise<SampleApi> {
  let url = '';
  let verify: (key: string) => Promise<string> = async () => 'NOT_FOUND';

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    // Browsers may call it from the portal's documentation.
    res.setHeader('Access-Control-Allow-Origin', '*');
    res.setHeader('Access-Control-Allow-Headers', 'authorization, content-type');
    res.setHeader('Content-Type', 'application/json');
    const send = (status: number, body: unknown) => res.writeHead(status).end(JSON.stringify(body));
    if (req.method === 'OPTIONS') return void res.writeHead(204).end();
    if (req.url === '/openapi.json') return void send(200, sampleDocument(url));
    const code = await verify(req.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (code !== 'VALID') return void send(401, { error: { code, message: 'The key is not valid.' } });
    if (req.url?.startsWith('/v1/deployments')) return void send(202, { id: 'dpl_7', state: 'queued' });
    if (req.method === 'POST') return void send(201, project);
    send(200, req.url?.startsWith('/v1/projects/') ? project : [project]);
  }

  const server = createServer((req, res) => {
    answer(req, res).catch(() => res.writeHead(500).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    url,
    openapiUrl: `${url}/openapi.json`,
    verifyWith(backend, apiId) {
      verify = async (key) => {
        if (key === '') return 'NOT_FOUND';
        return backend.keys.verifyKey({ key, apiId }, { maxAttempts: 1 }).then(
          ({ code }) => code,
          () => 'NOT_FOUND',
        );
      };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
