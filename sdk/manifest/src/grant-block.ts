import { capabilityDocument } from './capability-summary.ts'
import type { ModuleManifest } from './module-manifest.ts'

/** The `grant` block for what no argument designates; `undefined` when there is nothing of the kind. People write it: a program must not. */
export function grantBlock(manifest: Pick<ModuleManifest, 'components'>): string | undefined {
  const lines = Object.entries(capabilityDocument(manifest)).flatMap(([capability, requests]) => {
    const values = requests.flatMap((request) => request.values ?? [])
    return values.length === 0
      ? []
      : [`    ${capability.replaceAll('.', '_')} = ${JSON.stringify([...new Set(values)])}`]
  })
  return lines.length === 0 ? undefined : `  grant {\n${lines.join('\n')}\n  }`
}
