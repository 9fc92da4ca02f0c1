import type { PortType } from '@ingot/telemetry'
import type { z } from 'zod'
import type { ComponentContext } from './context.ts'
import type { Capability } from './env.ts'

export type Stability = 'experimental' | 'public-preview' | 'generally-available'

/**
 * How a component makes use of several lanes: `replicate` runs an instance in every lane (each owns its share of the
 * work, see `env.peers`), `single` one instance in one lane, `keyed` instances that own keys.
 */
export type Scaling = 'replicate' | 'single' | 'keyed'

/** Why a capability is needed, and what of it. `from` names the argument whose value designates the grant. */
export interface CapabilityRequest {
  readonly why: string
  /** Argument path whose configured value is thereby granted: `endpoint.url`, `targets.__path__`. */
  readonly from?: string | undefined
  /** Fixed values: host patterns, roots, variable names. The user must grant them. */
  readonly values?: readonly string[] | undefined
}

export interface ComponentDefinition<
  A extends z.ZodType = z.ZodType,
  E extends z.ZodObject = z.ZodObject,
  C extends Capability = Capability,
> {
  /** Local to its module (`pii`); full (`prometheus.scrape`) only in modules of the distribution. */
  readonly name: string
  readonly stability: Stability
  /** One sentence for lists. */
  readonly summary: string
  /** Markdown for the reference page. */
  readonly docs?: string
  readonly arguments: A
  readonly exports?: E
  readonly capabilities?: Readonly<Record<C, readonly CapabilityRequest[]>>
  readonly scaling?: Scaling
  /** `redact`: the pipeline must never bypass the component. */
  readonly tags?: readonly string[]
  /** What the component says about settlement: shown in its documentation. */
  readonly settles?: 'with delivery' | 'on acceptance' | 'when durable'
  /** Port types that the component accepts and emits follow from its schemas; a source of targets or metrics needs none. */
  readonly signals?: readonly PortType[]
  run(context: ComponentContext<z.output<A>, z.output<E>, C>): void | Promise<void>
}

/**
 * Declares a component: the one object from which types, manifest, documentation, editor support, validation and
 * sandbox policy follow.
 *
 * @example
 * ```ts
 * export default defineComponent({
 *   name: 'shout',
 *   stability: 'experimental',
 *   summary: 'Passes log lines on as they are.',
 *   arguments: z.strictObject({ forward_to: receivers('loki.logs').describe('Where entries go.') }),
 *   exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
 *   run({ args, receive }) {
 *     receive('receiver', (batch) => args.forward_to.emit(batch))
 *   },
 * })
 * ```
 */
export function defineComponent<A extends z.ZodType, E extends z.ZodObject, C extends Capability = never>(
  definition: ComponentDefinition<A, E, C>,
): ComponentDefinition<A, E, C> {
  return Object.freeze(definition)
}
