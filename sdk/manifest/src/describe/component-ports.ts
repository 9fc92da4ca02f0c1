import type { ComponentManifest, JsonSchema } from '../module-manifest.ts'

/** What a component is for, from how it is wired. */
export type ComponentKind = 'source' | 'transform' | 'sink' | 'discovery' | 'values'

/** Schemas of registries are written by strangers. */
const depthMax = 16

interface Ports {
  /** Port types of the receivers that it sends to. */
  readonly sends: ReadonlySet<string>
  /** Port types of the receivers that it exports. */
  readonly takes: ReadonlySet<string>
  readonly exportsTargets: boolean
}

/** A component that only sends is a source, one that only takes a sink; what exports targets is discovery. */
export function componentKind(component: Pick<ComponentManifest, 'arguments' | 'exports'>): ComponentKind {
  const { sends, takes, exportsTargets } = portsOf(component)
  if (takes.size > 0) return sends.size > 0 ? 'transform' : 'sink'
  if (sends.size > 0) return 'source'
  return exportsTargets ? 'discovery' : 'values'
}

/** The signals that pass through a component, sorted: `logs` of `loki.logs`; discovery has none of its own. */
export function componentSignals(component: Pick<ComponentManifest, 'arguments' | 'exports'>): string[] {
  const { sends, takes } = portsOf(component)
  return [...new Set([...sends, ...takes].map(signalOf))].sort()
}

/** `metrics` of `prometheus.metrics`; `records` of `records<…>`. */
function signalOf(portType: string): string {
  return portType.replace(/<.*$/s, '').replace(/^.*\./s, '')
}

function portsOf({ arguments: given, exports }: Pick<ComponentManifest, 'arguments' | 'exports'>): Ports {
  const ports = { sends: new Set<string>(), takes: new Set<string>(), exportsTargets: false }
  visit(given, (kind, types) => {
    if (kind === 'receivers') for (const type of types) ports.sends.add(type)
  })
  visit(exports, (kind, types) => {
    if (kind === 'receiver') for (const type of types) ports.takes.add(type)
    if (kind === 'targets') ports.exportsTargets = true
  })
  return ports
}

function visit(value: unknown, marked: (kind: string, types: readonly string[]) => void, depth = 0): void {
  if (depth > depthMax || typeof value !== 'object' || value === null) return
  const mark = (value as JsonSchema)['ingot'] as { kind?: unknown; types?: unknown } | undefined
  if (typeof mark?.kind === 'string') {
    const types = Array.isArray(mark.types) ? mark.types : []
    marked(
      mark.kind,
      types.filter((type): type is string => typeof type === 'string'),
    )
  }
  for (const inner of Object.values(value)) visit(inner, marked, depth + 1)
}
