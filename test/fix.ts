/** `npm run fix`: formats the code and applies the lint fixes that are safe. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
for (const [name, ...args] of [
  ['oxlint', '--fix'],
  ['oxfmt', '.'],
] as const) {
  spawnSync(join(root, 'node_modules', '.bin', name), args, { cwd: root, stdio: 'inherit' })
}
