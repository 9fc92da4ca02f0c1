import { capabilityDocument, type ModuleManifest } from '@ingot/manifest'
import type { ImportText } from '../config-text/read-imports.ts'

/** `granted`, or `by argument`: whoever writes the argument grants what it names. */
export type GrantState = 'granted' | 'by argument' | 'missing'

/** One thing that a module asks for, and whether an import gives it. */
export interface GrantLine {
  readonly capability: string
  /** A value that a grant block lists, or the argument. */
  readonly target: string
  readonly state: GrantState
  readonly why: string
}

/** What a version requests, beside what one import grants. */
export interface GrantComparison {
  readonly namespace: string
  readonly requests: readonly GrantLine[]
  /** Values of the grant block that the version does not ask for. */
  readonly unused: readonly { readonly capability: string; readonly target: string }[]
  /** Attributes of the grant block with which nothing is missing: those that change, each whole. */
  readonly add: Readonly<Record<string, readonly string[]>>
}

/** @param grant of an import, by the names of the block: `http_request` */
export function compareGrants(
  manifest: Pick<ModuleManifest, 'components'>,
  { namespace, grant }: Pick<ImportText, 'namespace' | 'grant'>,
): GrantComparison {
  const requests = Object.entries(capabilityDocument(manifest)).flatMap(([capability, list]) =>
    list.flatMap(({ from, values = [], why }): GrantLine[] => [
      ...(from === undefined ? [] : [{ capability, target: from, state: 'by argument' as const, why }]),
      ...[...values].map((target) => {
        const granted = grant.get(attributeOf(capability))?.includes(target)
        return { capability, target, state: granted ? ('granted' as const) : ('missing' as const), why }
      }),
    ]),
  )
  const asked = new Set(requests.map(({ capability, target }) => `${attributeOf(capability)} ${target}`))
  const unused = [...grant].flatMap(([capability, values]) =>
    values.filter((target) => !asked.has(`${capability} ${target}`)).map((target) => ({ capability, target })),
  )
  const missing = requests.filter(({ state }) => state === 'missing')
  const add = Object.fromEntries(
    [...Map.groupBy(missing, ({ capability }) => attributeOf(capability))].map(([name, lines]) => [
      name,
      [...new Set([...(grant.get(name) ?? []), ...lines.map(({ target }) => target)])],
    ]),
  )
  return { namespace, requests, unused, add }
}

function attributeOf(capability: string): string {
  return capability.replaceAll('.', '_')
}
