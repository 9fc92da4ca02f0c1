import { capabilityDocument, type ModuleManifest } from '@ingot/manifest'

/** What a module asks for and why, a line each, for people who are to decide about it. */
export function capabilityLines(manifest: ModuleManifest): string[] {
  const lines = Object.entries(capabilityDocument(manifest)).flatMap(([capability, requests]) =>
    requests.map(({ from, values, why }) => {
      const what = [...(from === undefined ? [] : [`of argument ${from}`]), ...(values ?? [])].join(', ')
      return `${capability}${what === '' ? '' : ` ${what}`}: ${why}`
    }),
  )
  return lines.length === 0 ? ['asks the host for nothing'] : lines
}
