import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/**
 * The prebuilt binary of isolated-vm for this platform. Its install script is never run: it would compile, and under
 * another Node.js than ours.
 * @throws when the package has none.
 */
export function addonPath(): string {
  const packageDir = path.dirname(createRequire(import.meta.url).resolve('isolated-vm/package.json'))
  const platform = `${process.platform}-${process.arch}`
  const libc = process.platform === 'linux' ? (existsSync('/etc/alpine-release') ? '.musl' : '.glibc') : ''
  const file = path.join(packageDir, 'prebuilds', platform, `isolated-vm.abi${process.versions.modules}${libc}.node`)
  if (!existsSync(file)) {
    throw new Error(
      `Cannot start sandboxes: isolated-vm has no prebuilt binary for ${platform}, ABI ${process.versions.modules}`,
    )
  }
  return file
}
