import type ivm from 'isolated-vm'

export type Addon = typeof ivm

/**
 * Loads the addon's binary by its path: its own loader looks for files that the runner may not read.
 */
export function loadAddon(path: string): Addon {
  const loaded: { exports: { ivm?: Addon } } = { exports: {} }
  process.dlopen(loaded, path)
  const addon = loaded.exports.ivm
  if (!addon) throw new Error('Cannot load the isolate addon: want the export "ivm", found none')
  return addon
}
