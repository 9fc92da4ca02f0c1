import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { capabilityDocument, capabilitySummary, type IndexLine, type RegistryDiscovery } from '@ingot/manifest'
import {
  canonicalJson,
  generateSigningKey,
  integrity,
  parseIntegrity,
  rootFingerprint,
  signPublish,
  signRoot,
  type RootDocument,
} from '@ingot/trust'
import { onTestFinished } from 'vitest'
import type { PackedModule } from '../pack/pack-module.ts'
import { temporaryDir } from './temporary-dir.ts'

const discovery: RegistryDiscovery = {
  protocol: ['ingot/1'],
  index: '/index',
  api: '/api/v1',
  blobs: '/blobs',
  modules: '/m',
  keys: '/keys',
  web: '/',
  features: [],
}

export interface RegistryFolder {
  readonly dir: string
  /** `file:` address. */
  readonly url: string
  readonly root: string
  publish(packed: PackedModule, line?: Partial<IndexLine>): Promise<void>
  /** Serves the folder over HTTP; `requests` lists the paths that were asked for. */
  serve(): Promise<{ readonly url: string; readonly requests: string[]; stop(): Promise<void> }>
}

/** A registry as plain files: the protocol works from a bucket as well as from a server. */
export async function registryFolder(): Promise<RegistryFolder> {
  const dir = await temporaryDir()
  const [rootKey, publishKey] = [generateSigningKey(), generateSigningKey()]
  const validFrom = '2026-01-01T00:00:00.000Z'
  const document: RootDocument = {
    version: 1,
    registry: 'https://registry.example',
    keys: Object.fromEntries(
      [rootKey, publishKey].map(({ publicKey }) => [publicKey.keyId, { spki: publicKey.spki, validFrom }]),
    ),
    roles: {
      root: { keyids: [rootKey.publicKey.keyId], threshold: 1 },
      publish: { keyids: [publishKey.publicKey.keyId], threshold: 1 },
    },
  }
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), content)
  }
  await write('.well-known/ingot.json', JSON.stringify(discovery))
  await write('keys/root.json', JSON.stringify(signRoot(document, [rootKey])))

  const publish: RegistryFolder['publish'] = async (packed, more = {}) => {
    const { name, version } = packed.manifest
    const sha512 = parseIntegrity(packed.integrity)!.hex
    const manifest = integrity('sha256', packed.files.find(({ path }) => path === 'module.json')!.bytes)
    const caps = integrity('sha256', canonicalJson(capabilityDocument(packed.manifest)))
    const published = '2026-06-01T00:00:00.000Z'
    const statement = signPublish(
      { module: `${name}@${version}`, sha512 },
      {
        registry: document.registry,
        manifest,
        caps,
        sizeBytes: packed.archive.length,
        unpackedBytes: 0,
        files: packed.files.length,
        deps: {},
        publisher: { kind: 'token', subject: 'test' },
        trust: 0,
        publishedAt: published,
      },
      [publishKey],
    )
    const line: IndexLine = {
      v: version,
      integrity: packed.integrity,
      size: packed.archive.length,
      manifest,
      deps: {},
      api: 1,
      components: packed.manifest.components.map((component) => component.name),
      caps: { digest: caps, summary: capabilitySummary(packed.manifest), delta: null },
      published,
      trust: 0,
      publisher: 'token:test',
      log: 0,
      status: 'active',
      ...more,
    }
    const index = `index/${name}.ndjson`
    const head = JSON.stringify({ _: 'head', name, tags: {} })
    const before = await readFile(join(dir, index), 'utf8').catch(() => `${head}\n`)
    await write(index, `${before}${JSON.stringify(line)}\n`)
    await write(`blobs/sha512/${sha512}`, packed.archive)
    await write(`m/${name}/${version}/bundle.json`, JSON.stringify({ statement }))
  }
  return { dir, url: pathToFileURL(dir).href, root: rootFingerprint(document), publish, serve: () => serve(dir) }
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
