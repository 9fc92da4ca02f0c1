import { isIP } from 'node:net'
import { isPublicAddress } from '../outbound/public-address.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'

/**
 * Refuses what could never be delivered to; where a name leads is looked at each time something is sent.
 * @throws Problem
 */
export function wantWebhookUrl(text: string, { webhooksMayBePrivate }: Pick<Registry, 'webhooksMayBePrivate'>): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const schemes = webhooksMayBePrivate ? ['https:', 'http:'] : ['https:']
  if (!url || !schemes.includes(url.protocol)) throw refused(text, `want an address that begins with "https://"`)
  if (url.username !== '' || url.password !== '') {
    throw refused(`${url.protocol}//${url.host}`, 'found a name or a password in it: the signature says who sends')
  }
  if (url.hash !== '') throw refused(text, 'found a "#": nobody is sent what stands after it')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isLocal = host === 'localhost' || host.endsWith('.localhost') || (isIP(host) !== 0 && !isPublicAddress(host))
  if (isLocal && !webhooksMayBePrivate) throw refused(text, 'want an address of the public internet')
}

function refused(url: string, why: string): Problem {
  return new Problem('request_invalid', `Cannot use the webhook "${url}": ${why}`)
}
