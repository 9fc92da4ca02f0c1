import { createHash } from 'node:crypto'

/** @throws when the code is not what the manifest says, or larger than a bundle may be. */
export function checkBundle(component: string, code: Uint8Array, sha256: string, bytesMax: number): void {
  if (code.length > bytesMax) {
    throw new Error(`Cannot run ${component}: its bundle has ${code.length} bytes, at most ${bytesMax} are allowed`)
  }
  const found = createHash('sha256').update(code).digest('hex')
  if (found !== sha256) {
    throw new Error(`Cannot run ${component}: its bundle has the hash ${found}, its manifest says ${sha256}`)
  }
}
