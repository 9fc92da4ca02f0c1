import { z } from 'zod'

/** Of what authenticators sign, and of the keys that they make, with room for certificates that nobody asked for. */
const binary = z
  .string()
  .max(16 * 2 ** 10)
  .regex(/^[\w-]+$/, 'want base64url')
const credentialId = binary.max(1364)
const transport = z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'])

const credential = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
}

/** `PublicKeyCredential.toJSON()` of a new passkey (WebAuthn §5.1.8). What browsers say beside it is left. */
export const attestation = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: binary,
    attestationObject: binary,
    transports: z.array(transport).max(10).catch([]).exactOptional(),
  }),
})

/** `PublicKeyCredential.toJSON()` of a passkey that was used. */
export const assertion = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: binary,
    authenticatorData: binary,
    signature: binary,
    userHandle: binary.max(88).exactOptional(),
  }),
})

export const passkeyName = z.string().trim().min(1).max(60)

export const passkeyDescription = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
})
