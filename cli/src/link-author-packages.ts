import { mkdir, realpath, symlink } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { authorPackages } from './author-packages.ts'

/**
 * Lets editors, type checkers and tests find in a module's folder what it is written against: links in `node_modules`
 * to the packages that came with this program. Packages that the module has of its own stay.
 */
export async function linkAuthorPackages(dir: string): Promise<void> {
  const names = Object.keys(authorPackages()).map((specifier) =>
    specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'),
  )
  for (const name of new Set([...names, '@types/node'])) {
    if (canResolve(dir, name)) continue
    const target = dirname(findPackageJSON(name, import.meta.url)!)
    const link = join(dir, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    // One that leads nowhere any more, or that another process has just made, is not worth a failure.
    await symlink(await realpath(target), link, 'junction').catch(() => undefined)
  }
}

function canResolve(dir: string, name: string): boolean {
  try {
    return findPackageJSON(name, join(dir, 'package.json')) !== undefined
  } catch {
    return false
  }
}
