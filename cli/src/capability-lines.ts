import { capabilityDocument, capabilitySentence, type ModuleManifest } from '@ingot/manifest'

/** What a module asks for and why, a line each, for people who are to decide about it. */
export function capabilityLines(manifest: ModuleManifest): string[] {
  const lines = Object.entries(capabilityDocument(manifest)).flatMap(([capability, requests]) =>
    requests.map((request) => `${capability}: ${capabilitySentence(capability, request)}. ${request.why}`),
  )
  return lines.length === 0 ? ['asks the host for nothing'] : lines
}
