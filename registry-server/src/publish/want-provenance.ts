import { moduleKey, scopeOf, type ModuleManifest } from '@ingot/manifest'
import type { PublishPredicate } from '@ingot/trust'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'

/**
 * Provenance is what an issuer has vouched for when an identity was exchanged for the right to publish these very bytes:
 * which commit of which repository they were built from, and by which run. It stands in the signed statement.
 */
const wanted = ['repository', 'commit', 'runId'] as const

/**
 * Where the scope requires it: the version's statement will name its origin, and the module itself names the same one.
 * @throws Problem `provenance_missing`
 */
export async function wantProvenance(
  { meta, oidc }: Pick<Registry, 'meta' | 'oidc'>,
  { name, version, source }: ModuleManifest,
  publisher: PublishPredicate['publisher'],
): Promise<void> {
  if ((await meta.scopes.find(scopeOf(name)))?.policy.requireProvenance !== true) return
  const refused = (found: string, hint: string): Problem =>
    new Problem('provenance_missing', `Cannot publish "${moduleKey(name, version)}" without provenance: ${found}`, {
      hint,
    })
  if (publisher.kind !== 'oidc') {
    throw refused(
      `found a ${publisher.kind}, want a workflow that an issuer vouches for`,
      'publish from a trusted workflow: ingot module publish --oidc',
    )
  }
  const missing = wanted.filter((fact) => typeof publisher[fact] !== 'string')
  if (missing.length > 0) {
    throw refused(
      `its issuer does not say ${missing.join(', ')}`,
      'whoever runs the registry names the claims in the file of --trusted-issuers',
    )
  }
  const repository = String(publisher['repository'])
  const base = oidc.issuers.find(({ issuer }) => issuer === publisher['issuer'])?.repositories
  if (source !== undefined && isOf(source, repository, base)) return
  throw refused(
    `it was built from ${repository}, and module.json names ${source === undefined ? 'no source' : `"${source}"`}`,
    `write the repository's address as "source" of the module: "${base ?? 'https://…/'}${repository}"`,
  )
}

/** Forges tell no capital letters apart; below a repository is still of it. */
function isOf(source: string, repository: string, base: string | undefined): boolean {
  const url = new URL(source)
  const found = `${url.pathname.toLowerCase().replace(/\.git$/, '')}/`
  const root = base === undefined ? undefined : new URL(base)
  const path = `${(root?.pathname ?? '/').replace(/\/?$/, '/')}${repository}/`.toLowerCase()
  return (root === undefined || url.host === root.host) && found.startsWith(path)
}
