import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'
import { Problem } from '../problem.ts'
import { Gate } from '../publish/gate.ts'

const passwordCharactersMin = 12
/** scrypt takes any; a megabyte of it is an attack. */
export const passwordCharactersMax = 256
/** Of a password that only repeats a few characters, no length helps. */
const differentCharactersMin = 5

/** 32 MiB and about a tenth of a second of one core: what a guess costs somebody who has stolen the database. */
const cost = { N: 2 ** 15, r: 8, p: 1 } as const
const memoryBytesMax = 64 * 2 ** 20
const keyBytes = 32

/** Passwords that are hashed at the same time, and those that may wait: each takes its memory. */
const gate = new Gate({ runningMax: 2, waitingMax: 100 })

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** `scrypt$N$r$p$salt$key`, so that a hash made today can be checked when the cost has changed. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await stretch(password, salt, cost)
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$')
}

/** Takes as long where there is no hash to compare with: who has an account cannot be told from the time. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = (hash ?? '').split('$')
  const wanted = Buffer.from(key, 'base64')
  const options = hash === undefined ? cost : { N: Number(N), r: Number(r), p: Number(p) }
  const found = await stretch(password, Buffer.from(salt, 'base64'), options)
  return hash !== undefined && wanted.length === found.length && timingSafeEqual(found, wanted)
}

function stretch(password: string, salt: Buffer, options: { N: number; r: number; p: number }): Promise<Buffer> {
  if (gate.full)
    throw new Problem('busy', 'Cannot check the password now: too many wait', { headers: { 'retry-after': '5' } })
  return gate.run(() => derive(password.normalize('NFKC'), salt, keyBytes, { ...options, maxmem: memoryBytesMax }))
}

/** @throws Problem `password_weak` */
export function wantStrong(password: string, userName: string): void {
  const found = weakness(password, userName)
  if (found === undefined) return
  throw new Problem(
    'password_weak',
    `Cannot take this password: found ${found}, want ${passwordCharactersMin} characters that are hard to guess`,
    {
      hint: 'several words that have nothing to do with each other are easy to keep in mind',
    },
  )
}

function weakness(password: string, userName: string): string | undefined {
  const folded = password.toLowerCase()
  if (password.length < passwordCharactersMin) return `${password.length} characters`
  if (new Set(folded).size < differentCharactersMin) return 'a few characters again and again'
  if (folded.includes(userName) && folded.length - userName.length < passwordCharactersMin) return 'your own name'
  const steps = [...folded].slice(1).map((character, at) => character.codePointAt(0)! - folded.codePointAt(at)!)
  if (steps.every((step) => step === steps[0])) return 'characters in their order'
  return /^(?:password|passwort|123456|qwerty|letmein|admin|welcome|iloveyou|ingot)+[\d!.]*$/.test(folded)
    ? 'one that everybody tries'
    : undefined
}
