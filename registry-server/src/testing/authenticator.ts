import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** What an authenticator and its browser do otherwise than they should. */
export interface Misbehaviour {
  /** The page on which the browser says that it was used. */
  readonly origin?: string
  /** The host that the authenticator signs for. */
  readonly rpId?: string
  /** False: it signs without having verified who holds it. */
  readonly userVerified?: boolean
  /** Instead of the next one. */
  readonly counter?: number
  readonly userHandle?: string
  readonly challenge?: string
}

interface Options {
  readonly challenge: string
  readonly rp?: { readonly id: string }
  readonly rpId?: string
  readonly user?: { readonly id: string }
}

const flags = { userPresent: 0x01, userVerified: 0x04, attested: 0x40 } as const

/** An authenticator with one key on P-256, and the browser around it, by WebAuthn §6 and §7: as bytes, signed for real. */
export class TestAuthenticator {
  readonly id = randomBytes(32)
  counter = 0
  readonly #origin: string
  readonly #privateKey: KeyObject
  readonly #publicKey: KeyObject
  #userHandle: string | undefined

  /** @param origin of the page that it is used on */
  constructor(origin: string) {
    this.#origin = origin
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#privateKey = pair.privateKey
    this.#publicKey = pair.publicKey
  }

  /** What `navigator.credentials.create()` gives, as JSON. */
  create(options: Options, wrong: Misbehaviour = {}): object {
    this.#userHandle = options.user?.id
    const data = this.#authenticatorData(options.rp!.id, flags.attested, wrong)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.id.length)
    const authData = Buffer.concat([data, Buffer.alloc(16), length, this.id, this.#coseKey()])
    const attestationObject = map(
      [text('fmt'), text('none')],
      [text('attStmt'), map()],
      [text('authData'), bytes(authData)],
    )
    return this.#credential({
      clientDataJSON: this.#clientData('webauthn.create', options, wrong),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    })
  }

  /** What `navigator.credentials.get()` gives, as JSON. */
  get(options: Options, wrong: Misbehaviour = {}): object {
    const clientDataJSON = this.#clientData('webauthn.get', options, wrong)
    const data = this.#authenticatorData(options.rpId!, 0, wrong)
    const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest()
    const signature = sign('sha256', Buffer.concat([data, hash]), this.#privateKey)
    return this.#credential({
      clientDataJSON,
      authenticatorData: data.toString('base64url'),
      signature: signature.toString('base64url'),
      userHandle: wrong.userHandle ?? this.#userHandle,
    })
  }

  #credential(response: object): object {
    const id = this.id.toString('base64url')
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response }
  }

  #clientData(type: string, { challenge }: Options, wrong: Misbehaviour): string {
    const said = {
      type,
      challenge: wrong.challenge ?? challenge,
      origin: wrong.origin ?? this.#origin,
      crossOrigin: false,
    }
    return Buffer.from(JSON.stringify(said)).toString('base64url')
  }

  #authenticatorData(
    rpId: string,
    more: number,
    { rpId: another, userVerified = true, counter }: Misbehaviour,
  ): Buffer {
    const hash = createHash('sha256')
      .update(another ?? rpId)
      .digest()
    const tail = Buffer.alloc(5)
    tail.writeUInt8(flags.userPresent | (userVerified ? flags.userVerified : 0) | more)
    this.counter = counter ?? this.counter + 1
    tail.writeUInt32BE(this.counter, 1)
    return Buffer.concat([hash, tail])
  }

  /** RFC 9053 §7.1.1: kty EC2, alg ES256, crv P-256, x, y. */
  #coseKey(): Buffer {
    const { x, y } = this.#publicKey.export({ format: 'jwk' })
    const [one, two] = [x, y].map((part) => bytes(Buffer.from(part!, 'base64url'))) as [Buffer, Buffer]
    return map(
      [integer(1), integer(2)],
      [integer(3), integer(-7)],
      [integer(-1), integer(1)],
      [integer(-2), one],
      [integer(-3), two],
    )
  }
}

/** CBOR (RFC 8949 §3), as much of it as stands in what an authenticator says. */
function head(major: number, value: number): Buffer {
  const first = major << 5
  if (value < 24) return Buffer.of(first | value)
  return value < 256 ? Buffer.of(first | 24, value) : Buffer.of(first | 25, value >> 8, value & 255)
}

function integer(value: number): Buffer {
  return value < 0 ? head(1, -1 - value) : head(0, value)
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([head(2, value.length), value])
}

function text(value: string): Buffer {
  return Buffer.concat([head(3, value.length), Buffer.from(value)])
}

function map(...entries: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([head(5, entries.length), ...entries.flat()])
}
