import { moduleVersion, nameLabel } from '@ingot/manifest'
import { z } from 'zod'

/** `/@acme/…` of a path. */
export const scopeParams = z.object({ scope: nameLabel })

/** `/@acme/redact/…` of a path. */
export const moduleParams = z.object({ scope: nameLabel, name: nameLabel })

/** `/@acme/redact/1.0.0/…` of a path. */
export const versionParams = moduleParams.extend({ version: moduleVersion })

export function moduleOf({ scope, name }: z.infer<typeof moduleParams>): string {
  return `@${scope}/${name}`
}
