import { isIP } from 'node:net'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { Problem } from '../problem.ts'
import type { MetaStore } from '../storage/meta-store.ts'
import { signingIn } from '../storage/meta/append-audit.ts'
import type { Challenge, PasskeyRecord } from '../storage/meta/passkey-store.ts'
import type { UserRecord } from '../storage/meta/user-store.ts'
import type { Proving, SignIn } from './sign-in.ts'

/** How long somebody may look for their key. */
const challengeMs = 5 * 60_000
/** Of a refusal: it may repeat what was sent, and is written down. */
const reasonCharactersMax = 300
/** Ed25519, ECDSA P-256 and RSA, as COSE numbers them: what authenticators have. */
const algorithms = [-8, -7, -257]

type Asked = Omit<Challenge, 'challenge'>

/** Sign-in by WebAuthn (level 3): keys that authenticators make for this registry alone, and use after they have verified who holds them. */
export class Passkeys {
  readonly #meta: MetaStore
  readonly #signIn: SignIn
  readonly #origin: string
  readonly #rpId: string | undefined

  /** @param url the address of the registry, as browsers show it: keys are for its host, and for no other */
  constructor(meta: MetaStore, signIn: SignIn, url: string) {
    const { origin, hostname } = new URL(url)
    this.#meta = meta
    this.#signIn = signIn
    this.#origin = origin
    // An address is no relying party (WebAuthn §5.1.3).
    this.#rpId = isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : undefined
  }

  get available(): boolean {
    return this.#rpId !== undefined
  }

  async registrationOptions(
    user: UserRecord,
    binding: string,
    now: Date,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const options = await generateRegistrationOptions({
      rpName: `Ingot registry ${this.#rp}`,
      rpID: this.#rp,
      userName: user.name,
      userDisplayName: user.name,
      userID: new TextEncoder().encode(user.id),
      timeout: challengeMs,
      attestationType: 'none',
      supportedAlgorithmIDs: algorithms,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: await this.#credentials(user),
    })
    await this.#remember({ purpose: 'register', binding }, options.challenge, now)
    return options
  }

  /** Adds the key that an authenticator has made. @throws Problem */
  async register(
    user: UserRecord,
    binding: string,
    { name, response }: { readonly name: string; readonly response: RegistrationResponseJSON },
    { ip, now }: Proving,
  ): Promise<PasskeyRecord> {
    const expectedChallenge = await this.#take({ purpose: 'register', binding }, response, now)
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: this.#origin,
      expectedRPID: this.#rp,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    }).catch(asRefusal)
    if (!verified) throw refusal('its own signature does not hold')
    const { id, publicKey, counter } = registrationInfo.credential
    const transports = response.response.transports ?? []
    const passkey = { id, name, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports }
    const at = now.toISOString()
    const added = await this.#meta.passkeys.add(passkey, user, signingIn(user.name, ip), at)
    if (added === 'exists') throw new Problem('exists', 'Cannot add the passkey: it is one of an account already')
    if (added === 'too many') throw new Problem('quota', 'Cannot add the passkey: remove one that is not used first')
    return { ...passkey, userId: user.id, createdAt: at, lastUsedAt: undefined }
  }

  /** @param user whose keys will do; without one whoever holds a key says who they are by it */
  async requestOptions(
    asked: Asked,
    user: UserRecord | undefined,
    now: Date,
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const allowCredentials = user && (await this.#credentials(user))
    if (allowCredentials?.length === 0) throw new Problem('not_found', 'Cannot ask for a passkey: you have none')
    const options = await generateAuthenticationOptions({
      rpID: this.#rp,
      timeout: challengeMs,
      userVerification: 'required',
      ...(allowCredentials && { allowCredentials }),
    })
    await this.#remember(asked, options.challenge, now)
    return options
  }

  /** Whose key has signed. @throws Problem `sign_in` that says what was wrong with the key, and nothing of accounts. */
  verify(
    asked: Asked,
    user: UserRecord | undefined,
    response: AuthenticationResponseJSON,
    proving: Proving,
  ): Promise<UserRecord> {
    return this.#signIn.countedAfter(proving.ip, async () => {
      const passkey = await this.#meta.passkeys.find(response.id)
      const owner = passkey && (await this.#meta.users.find(passkey.userId))
      try {
        const challenge = await this.#take(asked, response, proving.now)
        if (!passkey || !owner || owner.disabledAt !== undefined) throw refusal('no account has it')
        if (user && user.id !== owner.id) throw refusal('it is one of another account')
        await this.#verifySignature(passkey, challenge, response, proving.now)
        return owner
      } catch (error) {
        if (error instanceof Problem) await this.#signIn.refused(user ?? owner, 'passkey', proving, error.message)
        throw error
      }
    })
  }

  async #verifySignature(
    passkey: PasskeyRecord,
    expectedChallenge: string,
    response: AuthenticationResponseJSON,
    now: Date,
  ): Promise<void> {
    const { userHandle } = response.response
    // Where it says nobody, it was named by its id, which is enough (WebAuthn §7.2 step 6).
    if (userHandle !== undefined && Buffer.from(userHandle, 'base64url').toString() !== passkey.userId) {
      throw refusal('it says that it is of another account')
    }
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin: this.#origin,
      expectedRPID: this.#rp,
      requireUserVerification: true,
      // What it has counted is compared where it is stored: two servers may be asked at once.
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
        counter: 0,
      },
    }).catch(asRefusal)
    if (!verified) throw refusal('its signature does not hold')
    if (await this.#meta.passkeys.used(passkey, authenticationInfo.newCounter, now.toISOString())) return
    throw refusal('its counter has gone back, as that of a copy does; remove the passkey if you have not copied it')
  }

  async #credentials({ id }: UserRecord): Promise<{ id: string; transports: string[] }[]> {
    const passkeys = await this.#meta.passkeys.list(id)
    return passkeys.map((passkey) => ({ id: passkey.id, transports: [...passkey.transports] }))
  }

  async #remember(asked: Asked, challenge: string, now: Date): Promise<void> {
    const expiresAt = new Date(now.getTime() + challengeMs).toISOString()
    await this.#meta.passkeys.addChallenge({ ...asked, challenge }, expiresAt, now.toISOString())
  }

  /** The challenge that an answer is to, which is gone from then on. @throws Problem */
  async #take(
    asked: Asked,
    { response: { clientDataJSON } }: RegistrationResponseJSON | AuthenticationResponseJSON,
    now: Date,
  ): Promise<string> {
    const { challenge, origin } = clientData(clientDataJSON)
    if (
      challenge === undefined ||
      !(await this.#meta.passkeys.takeChallenge({ ...asked, challenge }, now.toISOString()))
    ) {
      throw refusal('it answers nothing that was asked here a short while ago')
    }
    if (origin === this.#origin) return challenge
    throw refusal(`it was used on a page of "${origin}", want "${this.#origin}"`)
  }

  get #rp(): string {
    if (this.#rpId !== undefined) return this.#rpId
    throw new Problem(
      'passkeys_unavailable',
      `Cannot use passkeys: the registry is at "${this.#origin}", and passkeys want the name of a host, not an address`,
      { hint: 'those who run the registry give it a name with --url' },
    )
  }
}

function clientData(text: string): { readonly challenge?: string; readonly origin?: string } {
  try {
    const data: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return typeof data === 'object' && data !== null ? data : {}
  } catch {
    return {}
  }
}

function refusal(what: string): Problem {
  return new Problem('sign_in', `Cannot take this passkey: ${what.slice(0, reasonCharactersMax)}`)
}

/** The library says what it found in messages alone. */
function asRefusal(error: unknown): never {
  throw refusal(`it does not answer what was asked (${error instanceof Error ? error.message : String(error)})`)
}
