/** Where the benchmark wants the server. */
export const port = Number(process.env['PORT']);
