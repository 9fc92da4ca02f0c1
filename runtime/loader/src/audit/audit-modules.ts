import type { Lockfile, ModuleAdvisory } from '@ingot/manifest'
import { satisfies } from 'semver'
import type { ModuleCache } from '../cache/module-cache.ts'
import { LoaderError } from '../loader-error.ts'
import { pinnedModules, type PinnedModule } from '../lock/pinned-modules.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryConfig } from '../registry/registry-config.ts'
import { versionStanding, type VersionStanding } from '../resolve/version-standing.ts'

/** Root documents that expire sooner are told of: whoever runs the registry needs time to renew them. */
const expiresSoonMs = 30 * 24 * 3_600_000

export type FindingKind =
  | 'advisory'
  | 'revoked'
  | VersionStanding['kind']
  | 'missing'
  | 'keys-expired'
  | 'keys-expiring'
  | 'unverified'

export interface Finding {
  readonly kind: FindingKind
  /** `error` is something to act upon, `warning` something to know. */
  readonly severity: 'error' | 'warning'
  /** Of the module, where it is about one. */
  readonly module?: string
  readonly version?: string
  readonly registry: string
  readonly message: string
  /** Of an advisory. */
  readonly id?: string
  readonly fixed?: readonly string[]
}

export interface AuditOptions {
  readonly lock: Lockfile
  readonly registries: readonly RegistryConfig[]
  readonly cache: ModuleCache
  readonly now: Date
  readonly onProgress?: (module: string) => void
}

/** Asks the registries what they know by now of the modules that a lock pins. @throws LoaderError when one cannot be asked, or believed. */
export async function auditModules(options: AuditOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const clients = new Map<string, RegistryClient>()
  for (const pinned of pinnedModules(options.lock, options.registries)) {
    const { registry } = pinned
    options.onProgress?.(pinned.module)
    const locked = options.lock.registries[registry.name]
    const client = clients.get(registry.name) ?? new RegistryClient(registry, { cacheDir: options.cache.dir, locked })
    if (!clients.has(registry.name)) {
      clients.set(registry.name, client)
      findings.push(...(await keyFindings(client, options.now)))
    }
    findings.push(...(await believed(pinned, () => moduleFindings(pinned, client))))
  }
  return findings
}

/** A registry that cannot be believed is told of for every module that comes from it. */
async function believed(pinned: PinnedModule, find: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await find()
  } catch (error) {
    if (!(error instanceof LoaderError) || error.code !== 'registry-untrusted') throw error
    const { module, version, registry } = pinned
    return [{ module, version, registry: registry.name, kind: 'unverified', severity: 'error', message: error.message }]
  }
}

async function moduleFindings(pinned: PinnedModule, client: RegistryClient): Promise<Finding[]> {
  const { module, version, registry } = pinned
  const about = { module, version, registry: registry.name }
  const findings = (await client.advisories())
    .filter(
      (advisory) => advisory.module === module && satisfies(version, advisory.affected, { includePrerelease: true }),
    )
    .map((advisory): Finding => ({ ...about, ...advisoryFinding(advisory) }))
  const index = await client.versions(module)
  const line = index.lines.find(({ v }) => v === version)
  if (!line)
    return [
      ...findings,
      { ...about, kind: 'missing', severity: 'error', message: 'its registry does not list this version' },
    ]
  findings.push(...versionStanding(line, index).map((finding) => ({ ...about, ...finding })))
  if (line.status === 'tombstoned') return findings
  const revoked = await client.revocation(module, version)
  if (revoked !== undefined)
    findings.push({
      ...about,
      kind: 'revoked',
      severity: 'error',
      message: `the key that vouched for it was revoked: ${revoked}`,
    })
  return findings
}

function advisoryFinding({ id, summary, fixed }: ModuleAdvisory) {
  const mended = fixed.length === 0 ? 'no version mends it yet' : `mended in ${fixed.join(', ')}`
  return { kind: 'advisory', severity: 'error', id, fixed, message: `${id}: ${summary} (${mended})` } as const
}

async function keyFindings(client: RegistryClient, now: Date): Promise<Finding[]> {
  const registry = client.registry.name
  if (client.registry.root === undefined) {
    const message = 'the configuration names no root keys (root): nothing but digests can be verified'
    return [{ kind: 'unverified', severity: 'warning', registry, message }]
  }
  const expires = await client.keysExpire()
  if (expires === undefined || expires.getTime() - now.getTime() > expiresSoonMs) return []
  const [kind, severity] =
    expires <= now ? (['keys-expired', 'error'] as const) : (['keys-expiring', 'warning'] as const)
  const message = `its root document ${expires <= now ? 'expired' : 'expires'} at ${expires.toISOString()}: nothing new can be chosen by it after that`
  return [{ kind, severity, registry, message }]
}
