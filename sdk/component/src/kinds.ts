/**
 * Ingot's own value kinds, as zod schemas. Each carries a mark (`ingot.kind`) that packing keeps in the manifest's JSON
 * Schema, where the type checker, the editor and the reference pages read it.
 */
import type { BatchOf, PortType } from '@ingot/telemetry'
import { z } from 'zod'
import { parseDuration } from './duration.ts'
import type { Output } from './context.ts'
import { Secret } from './secret.ts'
import { parseSize } from './size.ts'

/** Texts with a grammar of their own, which is checked where they are written. */
export type TextFormat =
  | 'regexp'
  | 'url'
  | 'http_url'
  | 'label_name'
  | 'utf8_label_name'
  | 'time_layout'
  | 'time_zone'
  | 'jmespath'
  | 'selector'
  | 'go_template'

/** That nothing is given; or, of a field of a map, the field's own name. */
export type EmptyText = 'absent' | 'name'

/** What `z.toJSONSchema` carries into the manifest for Ingot's kinds. */
export interface KindMark {
  readonly kind:
    | 'duration'
    | 'size'
    | 'secret'
    | 'optional_secret'
    | 'receivers'
    | 'receiver'
    | 'targets'
    | 'capsule'
    | TextFormat
    | 'block'
    | 'blocks'
    | 'enum_blocks'
    | 'rest'
  /** For receivers: the port types carried. */
  readonly types?: readonly PortType[]
  /** For capsules: its name. */
  readonly name?: string
  /** For texts with a grammar: what an empty one means, where it is none of that grammar. */
  readonly empty?: EmptyText
}

const marked = (mark: KindMark) => ({ ingot: mark })

/** A duration in Go's notation (`1m30s`, `250ms`); the component gets milliseconds. */
export function duration() {
  return z
    .string()
    .meta(marked({ kind: 'duration' }))
    .transform((text, ctx) => orIssue(() => parseDuration(text), ctx))
}

/** A size in bytes in base-2 notation (`512KiB`, `1MB` = 1 MiB); the component gets bytes. */
export function size() {
  return z
    .string()
    .meta(marked({ kind: 'size' }))
    .transform((text, ctx) => orIssue(() => parseSize(text), ctx))
}

/** Text that is never shown. A plain string in the configuration is accepted; the component gets a {@link Secret}. */
export function secret() {
  return z
    .custom<Secret | string>((value) => value instanceof Secret || typeof value === 'string')
    .meta(marked({ kind: 'secret' }))
    .transform((value) => (typeof value === 'string' ? new Secret(value) : value))
}

/** Text that may be a secret (`local.file.content`): stays a string unless it was marked secret. */
export function optionalSecret() {
  return z
    .custom<Secret | string>((value) => value instanceof Secret || typeof value === 'string')
    .meta(marked({ kind: 'optional_secret' }))
}

/** An argument that lists receivers of other components: the component gets an {@link Output} to emit to. */
export function receivers<T extends PortType>(...types: [T, ...T[]]) {
  return z.custom<Output<BatchOf<T>>>(isOutput).meta(marked({ kind: 'receivers', types }))
}

/** An export that other components send to. Handled with `receive(name, handler)`; never set with `setExports`. */
export function receiver<T extends PortType>(...types: [T, ...T[]]) {
  return z.custom<ReceiverMark<T>>(() => true).meta(marked({ kind: 'receiver', types }))
}

/** A list of label sets, as discovery components export. */
export function targets() {
  return z.array(z.record(z.string(), z.string())).meta(marked({ kind: 'targets' }))
}

/** A regular expression in RE2 syntax, as text. */
export function regexp() {
  return text('regexp')
}

/** A text with a grammar of its own. The mark is for who checks configurations; the component compiles the text itself. */
export function text(format: TextFormat, options: { readonly empty?: EmptyText } = {}) {
  return z.string().meta(marked({ kind: format, ...options }))
}

/** An opaque value of one kind that components hand to each other (`rules`, `handler`): plain data that expressions cannot look into. */
export function capsule<T>(name: string) {
  return z.custom<T>((value) => value !== undefined).meta(marked({ kind: 'capsule', name }))
}

/** A block that may be given once: `tls_config { … }`. Add `.optional()` or `.prefault({})` for a block that may be left out. */
export function block<S extends z.ZodType>(schema: S) {
  return schema.meta({ ...schema.meta(), ...marked({ kind: 'block' }) })
}

/** A block that may be repeated; the component gets an array in source order. */
export function blocks<S extends z.ZodType>(schema: S) {
  return z.array(schema).meta(marked({ kind: 'blocks' }))
}

/**
 * Blocks of several names whose order matters across names: `stage.json { … }` and `stage.drop { … }` for
 * `enumBlocks({ json: …, drop: … })` under the key `stage`. The component gets `[{ name, value }]` in source order.
 */
export function enumBlocks<S extends Readonly<Record<string, z.ZodType>>>(schemas: S) {
  const options = Object.entries(schemas).map(([name, value]) => z.strictObject({ name: z.literal(name), value }))
  type Item = { [K in keyof S & string]: { name: K; value: z.output<S[K]> } }[keyof S & string]
  const item = z.union(options as unknown as [z.ZodType<Item>, ...z.ZodType<Item>[]])
  return z.array(item).meta(marked({ kind: 'enum_blocks' }))
}

/** Only a type: what `receiver()` leaves in the exports' type, so that `receive` knows its batch. */
export interface ReceiverMark<T extends PortType> {
  readonly portTypes: readonly T[]
}

function isOutput(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'emit' in value
}

function orIssue<T>(parse: () => T, ctx: z.RefinementCtx): T {
  try {
    return parse()
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
}
