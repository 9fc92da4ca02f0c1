/** Arguments as they travel to the room that runs a component: the shape of `ArgumentsFrame` in @ingot/sdk. */
export interface ArgumentsFrame {
  readonly value: Readonly<Record<string, unknown>>
  readonly outputs: readonly OutputBinding[]
  /** Paths in `value` where a text stands that is a secret. */
  readonly secrets: readonly ArgumentPath[]
}
export type ArgumentPath = readonly (string | number)[]
export interface OutputBinding {
  readonly path: ArgumentPath
  readonly receivers: readonly ReceiverReference[]
}
/** What a capsule of kind `receiver` holds. */
export interface ReceiverReference {
  readonly component: string
  readonly port: string
  readonly types: readonly PortType[]
}

/** As in @ingot/telemetry. */
export type PortType =
  | 'prometheus.metrics'
  | 'loki.logs'
  | 'otel.metrics'
  | 'otel.logs'
  | 'otel.traces'
  | `records<${string}>`

/** What a capsule that a component exported holds: plain data, and where in it secret texts stand. Never printed. */
export interface CapsuleData {
  readonly plain: unknown
  readonly secrets: readonly ArgumentPath[]
}
