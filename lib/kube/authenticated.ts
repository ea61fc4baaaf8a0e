import type { KubeTransport } from './transport.ts'

/** Puts a bearer token on each request, and signs anew once when the server answers 401. */
export const authenticated =
  (transport: KubeTransport, token: (fresh?: 'fresh') => Promise<string>): KubeTransport =>
  async (request) => {
    const send = async (fresh?: 'fresh') =>
      transport({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${await token(fresh)}` },
      })
    const first = await send()
    if (first.status !== 401) return first
    await first.text()
    return send('fresh')
  }
