import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { lookupOf, resolvedWithin } from './pinned-address.ts'
import { publicAddress, systemResolver, type Resolver } from './public-address.ts'

/** From the look-up of the name to the last byte that is read: a server that trickles is one that fails. */
const timeoutMs = 10_000
/** Of an answer, only its beginning is read, for people. */
const responseBytesMax = 1024

export interface OutboundOptions {
  /** Whether addresses of private networks, and plain HTTP, are allowed: where the operator runs both ends. */
  readonly allowPrivate?: boolean
  readonly resolve?: Resolver
  readonly timeoutMs?: number
}

export interface Posted {
  readonly status: number
  /** The beginning of the body. */
  readonly response: string
  /** As the server has said it. */
  readonly retryAfter: string | undefined
}

/**
 * Sends a body to an address that somebody else has named: over HTTPS, to the public internet, following no redirect.
 * @throws AddressRefused, or what the network says.
 */
export async function post(
  url: string,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  options: OutboundOptions = {},
): Promise<Posted> {
  const { allowPrivate = false, resolve = systemResolver } = options
  const target = new URL(url)
  const signal = AbortSignal.timeout(options.timeoutMs ?? timeoutMs)
  const pinned = allowPrivate ? undefined : await resolvedWithin(signal, publicAddress(target.hostname, resolve))
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest
  const asked: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    agent: false,
    signal,
    ...(pinned && { lookup: lookupOf(pinned) }),
  }
  const sent = request(target, asked).end(body)
  // What fails after the answer has begun fails where it is read.
  sent.on('error', () => undefined)
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const text = await readHead(response)
    return { status: response.statusCode ?? 0, response: text, retryAfter: response.headers['retry-after'] }
  } catch (error) {
    throw signal.aborted ? new Error('it did not answer in time') : error
  } finally {
    sent.destroy()
  }
}

async function readHead(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size >= responseBytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, responseBytesMax).toString('utf8').replaceAll('\0', '\u{fffd}')
}
