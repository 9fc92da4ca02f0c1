import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  claimedRoot,
  dsseEnvelope,
  generateSigningKey,
  onlineRoles,
  parseSigningKey,
  type DsseEnvelope,
  type OnlineRole,
  type RootDocument,
  type SigningKey,
} from '@ingot/trust'

/** The folder of a registry's keys: `<role>.pem`, and every signed root document as `<version>.root.json`. */
export class KeyFiles {
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
  }

  /** The key of a role; made where there is none. */
  async key(role: OnlineRole | 'root'): Promise<SigningKey> {
    return keyFile(this.#path(`${role}.pem`))
  }

  /** A key that is to take the place of a role's once a root document names it. Asked for twice it is the same one. */
  async nextKey(role: OnlineRole): Promise<SigningKey> {
    return keyFile(this.#path(`${role}.next.pem`))
  }

  /** Whether the root key lies in the folder: it is wanted there for the first document alone. */
  async hasRootKey(): Promise<boolean> {
    return (await textOf(this.#path('root.pem'))) !== undefined
  }

  /** Ids of the keys that wait for a root document that names them. */
  async waiting(): Promise<Readonly<Partial<Record<OnlineRole, string>>>> {
    const texts = await Promise.all(onlineRoles.map((role) => textOf(this.#path(`${role}.next.pem`))))
    const found = onlineRoles.flatMap((role, place) => {
      const text = texts[place]
      return text === undefined ? [] : [[role, parseSigningKey(text).publicKey.keyId] as const]
    })
    return Object.fromEntries(found)
  }

  /** Puts the next keys in their places that a root document names. Others wait for theirs. */
  async promote({ roles }: RootDocument): Promise<void> {
    for (const role of onlineRoles) {
      const next = this.#path(`${role}.next.pem`)
      const text = await textOf(next)
      if (text === undefined) continue
      const { keyId } = parseSigningKey(text).publicKey
      if (roles[role]?.keyids.includes(keyId)) await rename(next, this.#path(`${role}.pem`))
    }
  }

  /** Texts of the root documents by their versions, the newest last; empty before the first. */
  async roots(): Promise<ReadonlyMap<number, string>> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 })
    const versions = (await readdir(this.dir)).flatMap((name) => /^(\d+)\.root\.json$/.exec(name)?.[1] ?? [])
    const sorted = versions.map(Number).sort((a, b) => a - b)
    const texts = sorted.map(async (version) => [version, await readFile(this.#rootPath(version), 'utf8')] as const)
    return new Map(await Promise.all(texts))
  }

  /** Adds a root document, unless one of its version is there. @returns the one that is there now */
  async addRoot(envelope: DsseEnvelope): Promise<string> {
    return createOnce(this.#rootPath(claimedRoot(envelope).version), JSON.stringify(envelope), 0o644)
  }

  #rootPath(version: number): string {
    return this.#path(`${version}.root.json`)
  }

  #path(name: string): string {
    return join(this.dir, name)
  }
}

/** A root document that this registry has signed itself. */
export function parseRoot(text: string): { readonly envelope: DsseEnvelope; readonly document: RootDocument } {
  const envelope = dsseEnvelope.parse(JSON.parse(text))
  return { envelope, document: claimedRoot(envelope) }
}

async function keyFile(path: string): Promise<SigningKey> {
  const before = await textOf(path)
  return parseSigningKey(before ?? (await createOnce(path, generateSigningKey().toPem(), 0o600)))
}

/** The first writer's text stands, whoever asks: two servers that start on one folder agree on their keys. */
export async function createOnce(path: string, text: string, mode: number): Promise<string> {
  const temporary = `${path}.${randomUUID()}.tmp`
  await writeFile(temporary, text, { mode, flush: true })
  await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(temporary)
  return readFile(path, 'utf8')
}

/** `undefined`: there is no such file. */
export async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
