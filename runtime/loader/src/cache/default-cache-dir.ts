import { homedir } from 'node:os'
import { join } from 'node:path'

/** `$INGOT_CACHE`; in a checkout its `.cache`; else `~/.cache/ingot`. */
export function defaultCacheDir(checkoutRoot?: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env['INGOT_CACHE']) return env['INGOT_CACHE']
  return checkoutRoot === undefined ? join(homedir(), '.cache', 'ingot') : join(checkoutRoot, '.cache')
}
