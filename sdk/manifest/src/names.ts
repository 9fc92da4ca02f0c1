import { valid } from 'semver'
import { z } from 'zod'

const versionCharactersMax = 128
const label = '[a-z][a-z0-9-]{0,38}[a-z0-9]'

/** `acme` of `@acme/redact`, and `redact`. */
export const nameLabel = z.string().regex(new RegExp(`^${label}$`), 'want lower case letters, digits and dashes')

/** `@scope/name` (registry.md §2). */
export const moduleName = z.string().regex(new RegExp(`^@${label}/${label}$`), 'want "@scope/name" in lower case')

/** SemVer 2.0 in its one normal form, without build metadata: two versions that compare equal are the same text. */
export const moduleVersion = z
  .string()
  .max(versionCharactersMax)
  .refine((text) => valid(text) === text, 'want a version such as "1.4.2", without build metadata')

/** Dotted identifiers of the configuration language: `pii`, or `prometheus.scrape` in modules of the distribution. */
export const componentName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/, 'want identifiers joined by dots')

/** As lists show them: short, and few. */
export const moduleKeywords = z
  .array(z.string().regex(/^[a-z0-9][a-z0-9.+-]{0,39}$/, 'want words in lower case, at most 40 characters each'))
  .max(20)

/** One identifier of the configuration language: what follows the namespace in a call. */
export const functionName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'want one identifier')

/** `@scope` of `@scope/name`. */
export function scopeOf(module: string): string {
  return module.slice(0, module.indexOf('/'))
}

/** `@scope/name@1.4.2`: the key of a locked module. */
export function moduleKey(name: string, version: string): string {
  return `${name}@${version}`
}

/** The two parts of a {@link moduleKey}, or `undefined` when it is none. */
export function parseModuleKey(key: string): { readonly name: string; readonly version: string } | undefined {
  const at = key.lastIndexOf('@')
  const name = key.slice(0, Math.max(at, 0))
  const version = key.slice(at + 1)
  return moduleName.safeParse(name).success && moduleVersion.safeParse(version).success ? { name, version } : undefined
}
