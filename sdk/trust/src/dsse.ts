import { z } from 'zod'
import type { PublicKey, SigningKey } from './signing-key.ts'

/** A Dead Simple Signing Envelope: the signature is over the transported bytes, so nothing is canonicalized to verify it. */
export const dsseEnvelope = z.object({
  payloadType: z.string(),
  /** Base64. */
  payload: z.string(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })).max(16),
})
export type DsseEnvelope = z.infer<typeof dsseEnvelope>

export function signEnvelope(payloadType: string, payload: Uint8Array, keys: readonly SigningKey[]): DsseEnvelope {
  const bytes = preAuthenticationEncoding(payloadType, payload)
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: keys.map((key) => ({
      keyid: key.publicKey.keyId,
      sig: Buffer.from(key.sign(bytes)).toString('base64'),
    })),
  }
}

/** The same payload with further signatures; a key signs once. */
export function cosignEnvelope(envelope: DsseEnvelope, keys: readonly SigningKey[]): DsseEnvelope {
  const { signatures } = signEnvelope(envelope.payloadType, Buffer.from(envelope.payload, 'base64'), keys)
  const others = envelope.signatures.filter(({ keyid }) => !signatures.some((mine) => mine.keyid === keyid))
  return { ...envelope, signatures: [...others, ...signatures] }
}

/** What a verified envelope holds, and the ids of the known keys that signed it: at least `threshold` of them. */
export interface VerifiedPayload {
  readonly payload: Uint8Array
  readonly keyIds: readonly string[]
}

/** @throws when the type differs or fewer than `threshold` of `keys` have signed. Signatures of unknown keys count for nothing. */
export function verifyEnvelope(
  envelope: DsseEnvelope,
  payloadType: string,
  keys: readonly PublicKey[],
  threshold = 1,
): VerifiedPayload {
  if (envelope.payloadType !== payloadType) {
    throw new Error(`Cannot verify the envelope: found type "${envelope.payloadType}", want "${payloadType}"`)
  }
  const payload = Buffer.from(envelope.payload, 'base64')
  const bytes = preAuthenticationEncoding(payloadType, payload)
  const signers = new Set<string>()
  for (const { keyid, sig } of envelope.signatures) {
    const key = keys.find((candidate) => candidate.keyId === keyid)
    if (key?.verify(bytes, Buffer.from(sig, 'base64'))) signers.add(keyid)
  }
  if (threshold < 1 || signers.size < threshold) {
    throw new Error(
      `Cannot verify the envelope: found ${signers.size} signatures of known keys, want ${Math.max(1, threshold)}`,
    )
  }
  return { payload, keyIds: [...signers] }
}

/** PAE of the DSSE protocol: lengths make the boundary between type and payload unambiguous. */
function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType)
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload])
}
