import { moduleFunction } from '@ingot/check'
import type { LoadedFunctions } from '@ingot/loader'
import { resolveLimits, trustedLimits } from '@ingot/sandbox'
import type { ModuleFunction, ObjectValue } from '@ingot/syntax'
import type { FunctionsCode } from '../../lane/protocol.ts'
import type { CheckSettings } from '../check-configuration.ts'
import { importLimits } from '../import-limits.ts'
import type { CodeImport } from '../load-imports.ts'

/** The functions that an import brings, and where they run. */
export interface ImportedFunctions {
  readonly code: FunctionsCode
  readonly loaded: LoadedFunctions
}

export type FunctionSettings = Pick<CheckSettings, 'stabilityLevel' | 'sandboxAll' | 'functions'>

/** @param id of the import's node */
export function importedFunctions(
  id: string,
  loaded: LoadedFunctions,
  limits: CodeImport['limits'],
  { sandboxAll }: FunctionSettings,
): ImportedFunctions {
  const { bundlePath, sha256, trusted, kind } = loaded
  const sandboxed = !trusted || (sandboxAll === true && kind === 'portable')
  const code: FunctionsCode = {
    id,
    bundlePath,
    sha256,
    room: sandboxed ? 'runner' : 'lane',
    limits: trusted ? trustedLimits : resolveLimits(importLimits(limits)),
  }
  return { code, loaded }
}

/** The functions as expressions call them, by their local names. Where nothing runs, nobody is asked. */
export function functionValues(
  namespace: string,
  { code, loaded }: ImportedFunctions,
  { stabilityLevel, functions: calls }: FunctionSettings,
): ObjectValue {
  const values = Object.create(null) as Record<string, ModuleFunction>
  for (const manifest of loaded.functions) {
    const { name } = manifest
    values[name] = moduleFunction({
      name: namespace === '' ? name : `${namespace}.${name}`,
      manifest,
      trusted: loaded.trusted,
      stability: stabilityLevel,
      ...(calls && { ask: (args) => calls.outcome(code, name, args) }),
    })
  }
  return values
}
