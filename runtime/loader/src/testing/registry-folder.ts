import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  capabilityDocument,
  capabilitySummary,
  type IndexLine,
  type RegistryDiscovery,
  type OsvRecord,
} from '@ingot/manifest'
import {
  canonicalJson,
  generateSigningKey,
  indexPayloadType,
  integrity,
  logOrigin,
  parseIntegrity,
  proveInclusion,
  rootFingerprint,
  signCheckpoint,
  signEnvelope,
  signPublish,
  signRoot,
  tileAt,
  tilePath,
  treeRoot,
  type RootDocument,
  type SigningKey,
} from '@ingot/trust'
import { MemoryLog } from '@ingot/trust/testing'
import { onTestFinished } from 'vitest'
import type { PackedModule } from '../pack/pack-module.ts'
import { temporaryDir } from './temporary-dir.ts'

const discovery: RegistryDiscovery = {
  protocol: ['ingot/1'],
  index: '/index',
  api: '/api/v1',
  blobs: '/blobs',
  modules: '/m',
  log: '/log',
  keys: '/keys',
  web: '/',
  features: [],
}

type Role = 'root' | 'publish' | 'log' | 'index'

export interface RegistryFolder {
  readonly dir: string
  /** `file:` address. */
  readonly url: string
  readonly root: string
  readonly keys: Readonly<Record<Role, SigningKey>>
  /** The root document of version 1. */
  readonly document: RootDocument
  /** The log, and what its tiles and its checkpoint are written from. */
  readonly log: MemoryLog
  /** Replaces the newest root document. */
  writeRoot(document: RootDocument, rootKeys: readonly SigningKey[]): Promise<void>
  /** Writes the log as it is now; with `key` in place of the one that signs checkpoints. */
  writeLog(log: MemoryLog, key?: SigningKey): Promise<void>
  publish(packed: PackedModule, line?: Partial<IndexLine>, over?: PublishOver): Promise<void>
  /** Writes a list of advisories, and that there is one. */
  writeAdvisories(records: readonly OsvRecord[]): Promise<void>
  /** Serves the folder over HTTP; `requests` lists the paths that were asked for. */
  serve(): Promise<{ readonly url: string; readonly requests: string[]; stop(): Promise<void> }>
}

/** What a publish does unlike others. */
export interface PublishOver {
  readonly key?: SigningKey
  readonly publishedAt?: string
  /** Until when the index is good. */
  readonly expiresAt?: string
}

/** A registry as plain files: the protocol works from a bucket as well as from a server. */
export async function registryFolder(): Promise<RegistryFolder> {
  const dir = await temporaryDir()
  const names: readonly Role[] = ['root', 'publish', 'log', 'index']
  const keys = Object.fromEntries(names.map((name) => [name, generateSigningKey()])) as Record<Role, SigningKey>
  const document = rootDocumentOf(keys)
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), content)
  }
  const writeRoot: RegistryFolder['writeRoot'] = async (next, rootKeys) => {
    const text = JSON.stringify(signRoot(next, rootKeys))
    await write('keys/root.json', text)
    await write(`keys/${next.version}.root.json`, text)
  }
  const log = new MemoryLog()
  const origin = logOrigin(document.registry)
  const writeLog: RegistryFolder['writeLog'] = async (from, key = keys.log) => {
    for (const level of [0, 'entries'] as const) {
      const tile = tileAt(level, 0, from.size)
      if (tile) await write(`log/tile/${tilePath(tile)}`, from.tile(tile))
    }
    const root = await treeRoot(from.size, from.read)
    await write('log/checkpoint', signCheckpoint(origin, { size: from.size, root }, key))
  }
  await write('.well-known/ingot.json', JSON.stringify(discovery))
  await writeRoot(document, [keys.root])
  await writeLog(log)

  const publish: RegistryFolder['publish'] = async (packed, more = {}, over = {}) => {
    const { name, version } = packed.manifest
    const sha512 = parseIntegrity(packed.integrity)!.hex
    const { line, statement } = publication(packed, document.registry, over.key ?? keys.publish, over.publishedAt)
    log.append(Buffer.from(statement.payload, 'base64'))
    await writeLog(log)
    const index = log.size - 1
    const proof = (await proveInclusion(index, log.size, log.read)).map((hash) => Buffer.from(hash).toString('base64'))
    const checkpoint = await readFile(join(dir, 'log/checkpoint'), 'utf8')
    await write(
      `m/${name}/${version}/bundle.json`,
      JSON.stringify({ statement, inclusion: { index, proof, checkpoint } }),
    )
    await write(`blobs/sha512/${sha512}`, packed.archive)
    const path = `/index/${name}.ndjson`
    const head = JSON.stringify({ _: 'head', name, tags: {} })
    const before = await readFile(join(dir, path), 'utf8').catch(() => `${head}\n`)
    const text = `${before}${JSON.stringify({ ...line, log: index, ...more })}\n`
    await write(path, text)
    const signed = signIndex(path, text, log.size, over.expiresAt, keys.index)
    await write(`index/${name}.sig`, JSON.stringify(signed))
  }
  const writeAdvisories: RegistryFolder['writeAdvisories'] = async (records) => {
    await write('.well-known/ingot.json', JSON.stringify({ ...discovery, advisories: '/advisories' }))
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('')
    await write('advisories/all.ndjson', text)
    const signed = signIndex('/advisories/all.ndjson', text, log.size, undefined, keys.index)
    await write('advisories/all.sig', JSON.stringify(signed))
  }
  const root = rootFingerprint(document)
  const folder = { dir, url: pathToFileURL(dir).href, root, keys, document, log }
  return { ...folder, writeRoot, writeLog, writeAdvisories, publish, serve: () => serve(dir) }
}

function rootDocumentOf(keys: Readonly<Record<Role, SigningKey>>): RootDocument {
  const role = ({ publicKey }: SigningKey) => ({ keyids: [publicKey.keyId], threshold: 1 })
  return {
    version: 1,
    registry: 'https://registry.example',
    keys: Object.fromEntries(Object.values(keys).map(({ publicKey }) => [publicKey.keyId, keyEntry(publicKey)])),
    roles: { root: role(keys.root), publish: role(keys.publish), log: role(keys.log), index: role(keys.index) },
  }
}

/** How a key stands in root documents, valid since before anything was published. */
export function keyEntry({ spki }: SigningKey['publicKey']): RootDocument['keys'][string] {
  return { spki, validFrom: '2026-01-01T00:00:00.000Z' }
}

function publication(packed: PackedModule, registry: string, key: SigningKey, at = '2026-06-01T00:00:00.000Z') {
  const { name, version } = packed.manifest
  const manifest = integrity('sha256', packed.files.find(({ path }) => path === 'module.json')!.bytes)
  const caps = integrity('sha256', canonicalJson(capabilityDocument(packed.manifest)))
  const statement = signPublish(
    { module: `${name}@${version}`, sha512: parseIntegrity(packed.integrity)!.hex },
    {
      registry,
      manifest,
      caps,
      sizeBytes: packed.archive.length,
      unpackedBytes: 0,
      files: packed.files.length,
      deps: {},
      publisher: { kind: 'token', subject: 'test' },
      trust: 0,
      publishedAt: at,
    },
    [key],
  )
  const line: Omit<IndexLine, 'log'> = {
    v: version,
    integrity: packed.integrity,
    size: packed.archive.length,
    manifest,
    deps: {},
    api: 1,
    components: packed.manifest.components.map((component) => component.name),
    caps: { digest: caps, summary: capabilitySummary(packed.manifest), delta: null },
    published: at,
    trust: 0,
    publisher: 'token:test',
    status: 'active',
  }
  return { line, statement }
}

/** Good until a time that no test's clock reaches, where a test does not say another. */
function signIndex(
  path: string,
  text: string,
  logSize: number,
  expiresAt = '2999-01-01T00:00:00.000Z',
  key: SigningKey,
) {
  const sha256 = createHash('sha256').update(text).digest('hex')
  const size = Buffer.byteLength(text)
  const statement = { path, sha256, size, logSize, issuedAt: '2026-06-01T00:00:00.000Z', expiresAt }
  return signEnvelope(indexPayloadType, Buffer.from(canonicalJson(statement)), [key])
}

async function serve(dir: string): Promise<{ url: string; requests: string[]; stop(): Promise<void> }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url!)
    readFile(join(dir, decodeURIComponent(request.url!))).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const stop = () => new Promise<void>((stopped) => server.close(() => stopped()))
  onTestFinished(async () => {
    if (server.listening) await stop()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, stop }
}
