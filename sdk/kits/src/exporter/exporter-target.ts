import type { HttpServer, ServerResponse } from '@ingot/sdk'
import { encodeUtf8 } from '@ingot/telemetry'

/** The media type of the text format 0.0.4. */
export const expositionContentType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Serves a component's metrics under `metrics` of the collector's own server, and gives the target that scrapes them:
 * its address is internal, so that no socket is needed.
 *
 * @param name what follows `integrations/` in the job label.
 */
export function mountExporter(
  server: HttpServer,
  name: string,
  instance: string,
  collect: () => Promise<string | Uint8Array>,
): Record<string, string> {
  server.mount('metrics', async (request): Promise<ServerResponse> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } }
    const body = await collect()
    return {
      status: 200,
      headers: { 'content-type': expositionContentType },
      body: typeof body === 'string' ? encodeUtf8(body) : body,
    }
  })
  const { address, basePath } = server.internal
  return {
    __address__: address,
    __metrics_path__: `${basePath}${basePath.endsWith('/') ? '' : '/'}metrics`,
    __scheme__: 'http',
    instance,
    job: `integrations/${name}`,
  }
}
