import { createClient, createConfig } from './generated/client/client/index.ts';
import { Portico } from './generated/client/sdk.gen.ts';

const { BASE_URL: baseUrl, ROOT_KEY: auth } = process.env;
const { portal } = new Portico({ client: createClient(createConfig({ baseUrl, auth })) });

const { data, error } = await portal.createSession({
  body: { slug: 'my-portal', externalId: 'user_1', permissions: ['api.*.read_key'] },
});
if (error) throw new Error(`${error.error.type} (${error.meta.requestId})`);
console.log(data.data.url);
