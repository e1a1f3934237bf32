/** The port that the benchmark assigns. */
export const port = Number(process.env['PORT']);
