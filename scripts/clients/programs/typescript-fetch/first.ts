import createClient from 'openapi-fetch';
import type { paths } from './generated/schema.ts';

const { BASE_URL: baseUrl, ROOT_KEY } = process.env;
const portico = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${ROOT_KEY}` } });

const { data, error } = await portico.POST('/v2/portal.createSession', {
  body: { slug: 'my-portal', externalId: 'user_1', permissions: ['api.*.read_key'] },
});
if (error) throw new Error(`${error.error.type} (${error.meta.requestId})`);
console.log(data.data.url);
