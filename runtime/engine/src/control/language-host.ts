import { stdlib, type ObjectValue } from '@ingot/syntax'
import { hostname } from 'node:os'
import * as path from 'node:path'

const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm' }

/** Ingot's version, as configurations see it in `constants.version`. */
const version = 'v0.1.0'

/** The standard library on this machine. */
export function languageGlobals(): ObjectValue {
  return stdlib({
    env: (name) => process.env[name],
    hostname: hostname(),
    os: process.platform === 'win32' ? 'windows' : process.platform,
    arch: goArchitectures[process.arch] ?? process.arch,
    version,
    path,
  })
}
