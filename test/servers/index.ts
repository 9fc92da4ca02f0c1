import type { TestContext } from 'vitest'
import { existsSync } from 'node:fs'
import { servers, type ServerName } from './debian.ts'

/**
 * The path of a real server. Where it is missing the test is skipped and listed; in CI a missing server is a failure.
 */
export function requireServer(name: ServerName, context: TestContext): string {
  const { path, packages } = servers[name]
  if (existsSync(path)) return path
  if (process.env['CI']) throw new Error(`Cannot run without ${name}: want Debian's ${packages.join(', ')} at ${path}`)
  return context.skip(`${name} is not installed (Debian: ${packages.join(', ')})`)
}
