import type { PlannedImport } from '@ingot/loader'
import { CommandError } from '../command-error.ts'
import { ConfigText } from './config-text.ts'

/** An `import.module` block, with what people grant it. */
export interface ImportText extends PlannedImport {
  /** Capability, as the block names it (`http_request`) → values. */
  readonly grant: ReadonlyMap<string, readonly string[]>
}

/**
 * The `import.module` blocks of a configuration.
 * @param name of the file as the lockfile has it
 * @throws CommandError
 */
export function readImports(file: string, name: string, text: string): ImportText[] {
  const config = new ConfigText(file, text)
  return config.blocks('import.module').map(({ label, body }) => {
    const namespace = label?.text ?? ''
    const module = config.text(body, 'module')
    const version = config.text(body, 'version')
    if (namespace === '' || module === undefined || version === undefined) {
      throw new CommandError(`Cannot read import.module "${namespace}" in "${file}": want a label, module and version`)
    }
    const grant = new Map<string, readonly string[]>()
    for (const block of config.blocks('grant', body)) {
      for (const statement of block.body.statements) {
        if (statement.kind !== 'attribute') continue
        grant.set(statement.name.text, config.texts(block.body, statement.name.text))
      }
    }
    return { file: name, namespace, module, version, grant }
  })
}
