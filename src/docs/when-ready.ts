/** Waits until a server says that it can serve, as a load balancer would: while it starts it may be too busy for Redis. */
export async function whenReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/v2/readiness`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
}
