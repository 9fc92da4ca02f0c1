import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { lookupOf, resolvedWithin } from './pinned-address.ts'
import { publicAddress, systemResolver, type ResolvedAddress, type Resolver } from './public-address.ts'

/** From the look-up of the name to the last byte that is read: a server that trickles is one that fails. */
const timeoutMs = 10_000

export interface GetOptions {
  /** Whether it may lead into private networks: where the operator wants that. */
  readonly allowPrivate?: boolean | undefined
  readonly resolve?: Resolver | undefined
  /** Certificate authorities beside those of the machine, in PEM. */
  readonly ca?: string | undefined
}

/**
 * Reads a document at an address that somebody else has named: over HTTPS, from the public internet, following no redirect.
 * The connection is made to the address that was looked at. `undefined` where there is no such document.
 * @throws AddressRefused, or Error with what was found
 */
export async function get(url: string, bytesMax: number, options: GetOptions = {}): Promise<Uint8Array | undefined> {
  const { allowPrivate = false, resolve = systemResolver, ca } = options
  const target = new URL(url)
  if (target.protocol !== 'https:') throw new Error(`found "${target.protocol}", want "https:"`)
  const signal = AbortSignal.timeout(timeoutMs)
  const address = await resolvedWithin(signal, addressOf(target.hostname, resolve, allowPrivate))
  const response = await new Promise<IncomingMessage>((done, failed) => {
    const headers = { 'user-agent': 'ingot-registry', accept: 'text/plain' }
    const sent = request(target, { headers, agent: false, signal, lookup: lookupOf(address), ...(ca && { ca }) }, done)
    sent.on('error', (error) => failed(signal.aborted ? new Error('it did not answer in time') : error))
    sent.end()
  })
  try {
    if (response.statusCode === 404 || response.statusCode === 410) return undefined
    if (response.statusCode !== 200) throw new Error(`found status ${response.statusCode}, want 200`)
    return await bounded(response, bytesMax)
  } finally {
    response.destroy()
  }
}

async function addressOf(host: string, resolve: Resolver, allowPrivate: boolean): Promise<ResolvedAddress> {
  if (!allowPrivate) return publicAddress(host, resolve)
  const [found] = await resolve(host)
  if (!found) throw new Error(`"${host}" has no address`)
  return found
}

async function bounded(response: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error(`found more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}
