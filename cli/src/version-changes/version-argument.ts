import { moduleName, parseModuleKey } from '@ingot/manifest'
import { CommandError } from '../command-error.ts'

/** @throws CommandError for what is no `@scope/name@version`. */
export function versionArgument(text: string): { readonly name: string; readonly version: string } {
  const parsed = parseModuleKey(text)
  if (parsed) return parsed
  throw new CommandError(`Cannot tell which version is meant: found "${text}", want "@scope/name@1.4.2"`)
}

/** A module, or one version of it. @throws CommandError */
export function moduleArgument(text: string): { readonly name: string; readonly version?: string } {
  if (moduleName.safeParse(text).success) return { name: text }
  const parsed = parseModuleKey(text)
  if (parsed) return parsed
  throw new CommandError(
    `Cannot tell which module is meant: found "${text}", want "@scope/name" or "@scope/name@1.4.2"`,
  )
}
