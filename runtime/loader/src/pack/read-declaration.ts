import { basename, join } from 'node:path'
import { z } from 'zod'
import { LoaderError } from '../loader-error.ts'
import type { Bundle, BundleOptions } from './bundle-entry.ts'
import { evaluateBundle } from './evaluate-bundle.ts'
import { throwPlace } from './throw-place.ts'

/** A runner takes no larger module (sandbox.md §6.2). */
const bundleBytesMax = 2 ** 20

export const zodSchema = z.custom<z.ZodType>(
  (value) => typeof value === 'object' && value !== null && '_zod' in value,
  'want a zod schema',
)
export const stability = z.enum(['experimental', 'public-preview', 'generally-available'])
export const runFunction = z.custom((value) => typeof value === 'function', 'want a function')

/** What is packed, for messages: `component "redact/pii"`. */
export interface Packed {
  readonly kind: 'component' | 'function' | 'functions'
  readonly folder: string
  readonly options: BundleOptions
}

/** The bytes of a bundle, if a runner takes as many. */
export function bundleBytes(packed: Packed, { code }: Bundle): Buffer {
  const bytes = Buffer.from(code)
  if (bytes.length <= bundleBytesMax) return bytes
  throw invalid(packed, `found a bundle of ${bytes.length} bytes, want at most ${bundleBytesMax}`)
}

/** Evaluates a bundle for what its default export declares. */
export async function readDefault(packed: Packed, { code, map }: Bundle): Promise<unknown> {
  try {
    return await evaluateBundle(code)
  } catch (error) {
    const place = throwPlace(error, map)
    const at = place === undefined ? '' : ` (${place})`
    throw invalid(packed, `its module throws when it is loaded: ${(error as Error).message}${at}`, error)
  }
}

export function readDeclaration<S extends z.ZodType>(
  packed: Packed,
  shape: S,
  value: unknown,
  want: string,
): z.output<S> {
  if (value === undefined) throw invalid(packed, `found no default export, want ${want}({ … })`)
  const parsed = shape.safeParse(value)
  if (!parsed.success) throw invalid(packed, z.prettifyError(parsed.error), parsed.error)
  return parsed.data
}

export function invalid({ kind, folder, options }: Packed, found: string, cause?: unknown): LoaderError {
  const shown = join(basename(options.moduleDir), folder)
  const code = kind === 'component' ? 'component-invalid' : 'function-invalid'
  return new LoaderError({ code, message: `Cannot pack ${kind} "${shown}": ${found}` }, { cause })
}
