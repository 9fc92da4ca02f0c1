import { createHmac, randomBytes } from 'node:crypto'

/** Within the 24 to 64 bytes that Standard Webhooks wants. */
const secretBytes = 32
const secretPrefix = 'whsec_'

export function newWebhookSecret(): string {
  return `${secretPrefix}${randomBytes(secretBytes).toString('base64')}`
}

export interface SignedMessage {
  readonly id: string
  readonly body: string
  /** Of this attempt: a receiver refuses what is old. */
  readonly at: Date
}

/**
 * The headers of a delivery, signed as Standard Webhooks 1.0.0 says: HMAC-SHA256 over `id.timestamp.body`, once with each
 * secret that is valid.
 */
export function signDelivery({ id, body, at }: SignedMessage, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(secretPrefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
