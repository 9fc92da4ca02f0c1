import { moduleName, moduleVersion } from '@ingot/manifest'
import { Problem } from '../problem.ts'

/** `@scope` and `name` of a path; what is no module's name leads nowhere. @throws Problem `not_found` */
export function moduleOf(params: unknown): string {
  const { scope, name } = params as { scope: string; name: string }
  const parsed = moduleName.safeParse(`@${scope}/${name}`)
  if (parsed.success) return parsed.data
  throw new Problem('not_found', `Cannot find the module "@${scope}/${name}": want "@scope/name"`)
}

/** @throws Problem `not_found` */
export function versionOf(params: unknown): string {
  const { version } = params as { version: string }
  const parsed = moduleVersion.safeParse(version)
  if (parsed.success) return parsed.data
  throw new Problem('not_found', `Cannot find version "${version}": want a version such as "1.4.2"`)
}
